/** What the settings ask of the network's depth, as the writer hears it. */
import { expect, test } from 'vitest';
import type { Settings } from '../../language-server/protocol.js';
import { open } from '../support/scripted-editor.js';

const rules = [{ after: 'const a = ', drafts: ['1;'] }];

async function asked(settings: Partial<Settings>) {
  const { editor, writer } = open('const a = ▮', rules, settings);
  await editor.ask();
  const [{ exits, exit }] = writer.requests as [(typeof writer.requests)[number]];
  return { ...(exits && { exits }), ...(exit !== undefined && { exit }) };
}

test('candor.exits and candor.depthCaps, of the device in use alone', async () => {
  const early = { rule: 'controller', at: 0.9 };
  expect(await asked({})).toEqual({ exits: { rule: 'recommended' } });
  expect(await asked({ exits: 'full' })).toEqual({});
  expect(await asked({ exits: 'early' })).toEqual({ exits: early });
  expect(await asked({ exits: 'early-propagated' })).toEqual({ exits: { ...early, skipped: 'propagated' } });
  const depthCaps = { none: 24, webgpu: 12 };
  expect(await asked({ exits: 'full', depthCaps })).toEqual({ exit: 24 });
  expect(await asked({ exits: 'early', depthCaps })).toEqual({ exits: early, exit: 24 });
  expect(await asked({ exits: 'full', depthCaps: { webgpu: 12 } })).toEqual({});
});

test('candor.speculation, on unless it is switched off', async () => {
  const speculates = async (settings: Partial<Settings>): Promise<boolean | undefined> => {
    const { editor, writer } = open('const a = ▮', rules, settings);
    await editor.ask();
    return writer.requests[0]!.speculation;
  };
  expect(await speculates({})).toBe(true);
  expect(await speculates({ speculation: false })).toBeUndefined();
});
