// Loaded into the server's process by the benchmarks: tells how late its main thread runs, how much memory it has, and
// which analysis servers it keeps.
import { analysisServers } from './watched-servers.mjs';

/** Milliseconds between two looks. */
const EVERY = 5;

let late = [];
let mostMemory = 0;
let due = performance.now() + EVERY;

setInterval(() => {
  const now = performance.now();
  late.push(Math.max(0, now - due));
  due = now + EVERY;
  if (late.length % 20 === 0) mostMemory = Math.max(mostMemory, process.memoryUsage.rss());
}, EVERY).unref();

process.on('message', (question) => {
  if (question !== 'probe') return;
  const memory = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  process.send({
    late,
    mostMemory: Math.max(mostMemory, memory.rss),
    memory,
    handles,
    servers: analysisServers(),
  });
  late = [];
  mostMemory = 0;
});
process.channel?.unref();
