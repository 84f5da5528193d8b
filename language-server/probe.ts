/** The process that tries a device: takes one order from its parent, says what came of it, and ends. Its composition root. */
import { probe, type ProbeOrder } from './inference/devices/probe.js';
import type { ProbeMessage } from './inference/devices/run-probe.js';
import { readWebGraph } from './web-graphs.js';

process.once('message', (order: ProbeOrder) => {
  const say = (message: ProbeMessage): void => {
    process.send?.(message, () => process.exit());
  };
  probe(order, readWebGraph).then(
    (result) => {
      say({ kind: 'result', result });
    },
    (error: unknown) => {
      say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    },
  );
});

// A parent that is gone needs no answer.
process.once('disconnect', () => process.exit());
