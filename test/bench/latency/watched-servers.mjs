// Counts, from outside the product's own books, which analysis servers run and how many texts each has been left open.
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Process id of each child that is spoken to in LSP, to the addresses of the texts that it has been told to hold open. */
const held = new Map();

const { spawn } = childProcess;
childProcess.spawn = (...given) => {
  const child = spawn(...given);
  const { stdin } = child;
  if (stdin) {
    const write = stdin.write.bind(stdin);
    stdin.write = (chunk, ...rest) => {
      hear(child, String(chunk));
      return write(chunk, ...rest);
    };
    child.once('exit', () => held.delete(child.pid));
  }
  return child;
};
syncBuiltinESMExports();

/** Messages are written with their header, or after it. */
function hear(child, text) {
  const start = text.indexOf('{');
  if (start < 0 || !/"method":"(?:initialize|textDocument\/did(?:Open|Close))"/.test(text)) return;
  const { method, params } = JSON.parse(text.slice(start));
  if (method === 'initialize') held.set(child.pid, new Set());
  if (method === 'textDocument/didOpen') held.get(child.pid)?.add(params.textDocument.uri);
  if (method === 'textDocument/didClose') held.get(child.pid)?.delete(params.textDocument.uri);
}

/** Process id and number of open texts of each analysis server that runs. */
export const analysisServers = () => [...held].map(([pid, texts]) => ({ pid, texts: texts.size }));
