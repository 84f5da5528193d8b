/** Graphs for WebAssembly, from the converter: built beside the worker, and loaded only where they are needed. */
import type { ReadWebGraph } from './inference/web-session.js';

/** What `models/convert/web-graph.ts` exports. */
interface WebGraphModule {
  readonly readWebGraph: ReadWebGraph;
}

export const readWebGraph: ReadWebGraph = async (file) => {
  const converter = (await import(new URL('./web-graph.mjs', import.meta.url).href)) as WebGraphModule;
  return converter.readWebGraph(file);
};
