/** Snippets stay while the user types, unless a slow disk has left some out. */
import { expect, test } from 'vitest';
import { gatherContext } from '../../language-server/completion/completion-context.js';
import { StickySnippets, type Neighbors } from '../../language-server/completion/snippets.js';

const text = "import { price } from './price';\n";
const document = { uri: 'file:///project/cart.ts', languageId: 'typescript', version: 1, text };
const context = gatherContext({ document, offset: text.length, mode: 'automatic' });
const price = 'export function price(item: string): number {\n  return item.length;\n}\n';

function neighborsReading(read: Neighbors['read']): Neighbors {
  return { open: [], folders: ['/project'], read };
}

function diskWith(content: string): Neighbors {
  return neighborsReading((path) => Promise.resolve(path === '/project/price.ts' ? content : undefined));
}

test('what has been gathered stays', async () => {
  const sticky = new StickySnippets();
  const first = await sticky.gather(context, diskWith(price), 400);
  expect(first.map(({ path }) => path)).toEqual(['price.ts']);
  expect(await sticky.gather(context, diskWith(price.replace('price', 'cost')), 400)).toBe(first);
});

test('what came too late is read with the next request', async () => {
  const sticky = new StickySnippets();
  const stuck = neighborsReading(() => new Promise(() => undefined));
  expect(await sticky.gather(context, stuck, 400)).toEqual([]);
  const next = await sticky.gather(context, diskWith(price), 400);
  expect(next.map(({ path }) => path)).toEqual(['price.ts']);
});
