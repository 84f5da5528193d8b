/** Assembles lexer-callbacks.wat into lexer-callbacks.ts. Run: node syntax/make-lexer-callbacks.mjs */
import fs from 'node:fs';
import wabt from 'wabt';

export async function assemble() {
  const source = fs.readFileSync(new URL('lexer-callbacks.wat', import.meta.url), 'utf8');
  const { buffer } = (await wabt()).parseWat('lexer-callbacks.wat', source).toBinary({});
  const base64 = Buffer.from(buffer).toString('base64');
  const lines = base64
    .match(/.{1,100}/g)
    .map((line) => `  '${line}'`)
    .join(' +\n');
  return (
    `/** lexer-callbacks.wat, assembled by make-lexer-callbacks.mjs: never edited. In base64. */\n` +
    `export const lexerCallbacks =\n${lines};\n`
  );
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  fs.writeFileSync(new URL('lexer-callbacks.ts', import.meta.url), await assemble());
}
