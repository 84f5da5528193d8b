/** What the pipeline remembers from one request to the next: typing through, cycling, joining, preparing, backing off. */
import { describe, expect, test } from 'vitest';
import type { Completions } from '../../language-server/completion/complete.js';
import { editorAt } from '../support/editor-at.js';
import { engineOf, scriptedWriter, type Rule } from '../support/scripted-writer.js';

const texts = ({ items }: Completions) => items.map(({ text }) => text);

function open(program: string, rules: readonly Rule[], settings = {}) {
  const writer = scriptedWriter(rules);
  return { writer, editor: editorAt(program, engineOf(writer), settings) };
}

/** A writer that goes on only when the test says so. */
function openStepwise(program: string, rules: readonly Rule[], settings = {}) {
  let steps: (() => void)[] = [];
  const writer = scriptedWriter(rules, () => new Promise((resolve) => steps.push(resolve)));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Lets the writer write so many pieces of three characters. */
  const advance = async (count: number) => {
    for (let step = 0; step < count; step++) {
      await turn();
      const released = steps;
      steps = [];
      for (const release of released) release();
    }
    await turn();
  };
  return { writer, editor: editorAt(program, engineOf(writer), settings), advance };
}

describe('typing into a suggestion', () => {
  test('keeps it without asking the model', async () => {
    const { editor, writer } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['call(first, second);'] }]);
    expect(texts(await editor.ask())).toEqual(['call(first, second);']);
    for (const character of 'call') {
      editor.type(character);
      await editor.ask();
    }
    const left = await editor.ask();
    expect(texts(left)).toEqual(['(first, second);']);
    expect(left.source).toBe('memory');
    expect(writer.requests).toHaveLength(1);
  });

  test('keeps its id', async () => {
    const { editor } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['call(first);'] }]);
    const before = await editor.ask();
    editor.type('ca');
    expect((await editor.ask()).items[0]!.id).toBe(before.items[0]!.id);
  });

  test('takes the bracket that the editor closes meanwhile', async () => {
    const { editor, writer } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['call(first);'] }]);
    await editor.ask();
    editor.type('call');
    editor.insert('(▮)');
    const left = await editor.ask();
    expect(texts(left)).toEqual(['first);']);
    expect(left.items[0]!.end - left.items[0]!.start).toBe(1);
    expect(writer.requests).toHaveLength(1);
  });

  test('asks anew once something else is typed, and comes back after a backspace', async () => {
    const { editor, writer } = open('const a = ▮\n', [
      { after: 'a = ', drafts: ['call(first);'] },
      { after: 'a = x', drafts: ['yz();'] },
    ]);
    await editor.ask();
    editor.type('x');
    expect(texts(await editor.ask())).toEqual(['yz();']);
    editor.backspace();
    expect(texts(await editor.ask())).toEqual(['call(first);']);
    expect(writer.requests).toHaveLength(2);
  });

  test('goes over lines', async () => {
    const { editor, writer } = open('if (a) ▮\n', [{ after: 'if (a) ', drafts: ['{\n  go();\n}'] }]);
    await editor.ask();
    editor.type('{');
    editor.insert('\n  ');
    expect(texts(await editor.ask())).toEqual(['go();\n}']);
    expect(writer.requests).toHaveLength(1);
  });

  test('shows the last character too', async () => {
    const { editor } = open('const a = ▮\n', [{ after: 'a = ', drafts: ['b();'] }]);
    await editor.ask();
    editor.type('b()');
    expect(texts(await editor.ask())).toEqual([';']);
  });

  test('works in documents with CRLF', async () => {
    const { editor, writer } = open('x;\r\nif (a) ▮\r\n', [{ after: 'if (a) ', drafts: ['{\n  go();\n}'] }]);
    expect(texts(await editor.ask())).toEqual(['{\r\n  go();\r\n}']);
    editor.insert('{\r\n  g');
    expect(texts(await editor.ask())).toEqual(['o();\r\n}']);
    expect(writer.requests).toHaveLength(1);
  });

  test('ends when the text near the cursor is another', async () => {
    const { editor, writer } = open('const a = ▮;\n', [{ after: '= ', drafts: ['call(first)'] }]);
    await editor.ask();
    editor.completer.documentChanged({ uri: 'file:///other', languageId: 'x', version: 1, text: '' });
    editor.backspace();
    editor.type(' ');
    await editor.ask();
    expect(writer.requests).toHaveLength(1);
    editor.backspace();
    editor.backspace();
    editor.backspace();
    editor.type('b= ');
    await editor.ask();
    expect(writer.requests).toHaveLength(2);
  });
});

describe('asking for more', () => {
  const rules = [{ after: 'a = ', drafts: ['first();', 'second();', 'third();'] }];

  test('keeps the first suggestion and adds the others, once', async () => {
    const { editor, writer } = open('const a = ▮\n', rules);
    const automatic = await editor.ask('automatic');
    const cycled = await editor.ask('explicit');
    expect(texts(cycled)).toEqual(['first();', 'second();', 'third();']);
    expect(cycled.items[0]).toEqual(automatic.items[0]);
    expect(writer.requests.map(({ drafts }) => drafts)).toEqual([1, 3]);
    const again = await editor.ask('explicit');
    expect(again.items).toEqual(cycled.items);
    expect(again.source).toBe('memory');
    expect(writer.requests).toHaveLength(2);
  });

  test('gives an explicit request no deadline and an automatic one the budget', async () => {
    const { editor, writer } = open('const a = ▮\n', rules, { budgetMs: 321 });
    await editor.ask('automatic');
    await editor.ask('explicit');
    expect(writer.requests.map(({ budgetMs }) => budgetMs)).toEqual([321, undefined]);
  });

  test('asks nothing when one draft is all that is wanted', async () => {
    const { editor, writer } = open('const a = ▮\n', rules, { drafts: 1 });
    await editor.ask('automatic');
    expect(texts(await editor.ask('explicit'))).toEqual(['first();']);
    expect(writer.requests).toHaveLength(1);
  });

  test('keeps what is left of a suggestion first after some of it was typed', async () => {
    const { editor } = open('const a = ▮\n', [...rules, { after: 'a = fi', drafts: ['le();', 'nd();'] }]);
    await editor.ask();
    editor.type('fi');
    await editor.ask();
    expect(texts(await editor.ask('explicit'))).toEqual(['rst();', 'le();', 'nd();']);
  });
});

describe('a generation in progress', () => {
  const rules = [{ after: 'a = ', drafts: ['call(first, second);'] }];

  test('goes on while what is typed agrees', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    const first = editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    editor.type('ca');
    expect((await first).silence?.reason).toBe('cancelled');
    const second = editor.ask();
    await advance(10);
    expect(texts(await second)).toEqual(['ll(first, second);']);
    expect(writer.requests).toHaveLength(1);
    expect(writer.cancelled).toBe(0);
  });

  test('goes on when the change comes after the cancellation', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    await advance(0);
    editor.insert('c');
    editor.pass(50);
    const second = editor.ask();
    await advance(10);
    expect(texts(await second)).toEqual(['all(first, second);']);
    expect(writer.requests).toHaveLength(1);
  });

  test('ends as soon as what is typed does not agree', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    editor.type('x');
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('ends as soon as it writes what was not typed', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', [
      ...rules,
      { after: 'a = calm', drafts: ['Down();'] },
    ]);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    editor.insert('calm');
    const second = editor.ask();
    await advance(10);
    expect(texts(await second)).toEqual(['Down();']);
    expect(writer.requests).toHaveLength(2);
    expect(writer.cancelled).toBe(1);
  });

  test('ends when it is cancelled and nothing was typed', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    await advance(0);
    editor.pass(31);
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('ends when no request follows the change', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules);
    const abort = new AbortController();
    void editor.ask('automatic', abort.signal);
    await advance(1);
    abort.abort();
    await advance(0);
    editor.insert('c');
    editor.pass(31);
    await advance(1);
    expect(writer.cancelled).toBe(0);
    editor.pass(400);
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('gives way to a newer request elsewhere', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', [
      ...rules,
      { after: 'b = ', drafts: ['other();'] },
    ]);
    const first = editor.ask();
    await advance(1);
    editor.insert('\nconst b = ');
    const second = editor.ask();
    await advance(10);
    expect((await first).silence?.reason).toBe('cancelled');
    expect(texts(await second)).toEqual(['other();']);
    expect(writer.cancelled).toBe(1);
  });
});

describe('after an accept', () => {
  const rules = [
    { after: 'a = ', drafts: ['first();'] },
    { after: 'first();', drafts: ['\nnext();'] },
  ];

  test('the next suggestion is there already', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules, { prepareNext: true });
    const asked = editor.ask();
    await advance(10);
    const { items } = await asked;
    await advance(10);
    expect(writer.requests).toHaveLength(2);
    editor.accept(items[0]!);
    const next = await editor.ask();
    expect(texts(next)).toEqual(['\nnext();']);
    expect(next.source).toBe('memory');
  });

  test('the next suggestion is waited for when it is being written', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮\n', rules, { prepareNext: true });
    const asked = editor.ask();
    await advance(4);
    const { items } = await asked;
    await advance(1);
    editor.accept(items[0]!);
    const next = editor.ask();
    await advance(10);
    expect(texts(await next)).toEqual(['\nnext();']);
    expect(writer.requests.filter(({ program }) => program.before.endsWith('first();'))).toHaveLength(1);
  });

  test('typing into the shown suggestion does not stop the preparation, another key does', async () => {
    const long = [rules[0]!, { after: 'first();', drafts: ['\nnext(with, many, more, arguments);'] }];
    const { editor, writer, advance } = openStepwise('const a = ▮\n', long, { prepareNext: true });
    const asked = editor.ask();
    await advance(4);
    await asked;
    await advance(1);
    editor.type('fi');
    await editor.ask();
    await advance(1);
    expect(writer.cancelled).toBe(0);
    editor.type('x');
    await advance(1);
    expect(writer.cancelled).toBe(1);
  });

  test('prepares what follows a closer that the suggestion replaces', async () => {
    const { editor, writer } = open(
      'call(▮)\n',
      [
        { after: 'call(', drafts: ['first)'] },
        { after: 'call(first)', drafts: ['.then(go);'] },
      ],
      { prepareNext: true },
    );
    const { items } = await editor.ask();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.requests.at(-1)!.program).toMatchObject({ before: 'call(first)', after: '\n' });
    editor.accept(items[0]!);
    const next = await editor.ask();
    expect(texts(next)).toEqual(['.then(go);']);
    expect(next.source).toBe('memory');
  });

  test('is quiet right there when nothing is prepared by setting', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.accept(items[0]!);
    expect((await editor.ask()).silence?.reason).toBe('just-accepted');
    expect(texts(await editor.ask('explicit'))).toEqual(['\nnext();']);
    editor.type(' ');
    expect((await editor.ask()).silence?.reason).not.toBe('just-accepted');
  });

  test('prepares nothing when switched off', async () => {
    const { editor, writer } = open('const a = ▮\n', rules);
    await editor.ask();
    await new Promise((resolve) => setImmediate(resolve));
    expect(writer.requests).toHaveLength(1);
  });
});

describe('with an entry of the suggest widget highlighted', () => {
  const rules = [{ after: 'console.log', drafts: ['(value);'] }];
  const selected = { start: 0, end: 3, text: 'console.log' };

  test('begins with its text and replaces its range', async () => {
    const { editor, writer } = open('con▮\n', rules);
    const { items } = await editor.ask('automatic', undefined, selected);
    expect(items).toMatchObject([{ text: 'console.log(value);', start: 0, end: 3 }]);
    expect(writer.requests[0]!.program.before).toBe('console.log');
  });

  test('asks anew for another entry', async () => {
    const { editor, writer } = open('con▮\n', rules);
    await editor.ask('automatic', undefined, selected);
    await editor.ask('automatic', undefined, { ...selected, text: 'confirm' });
    expect(writer.requests).toHaveLength(2);
  });

  test('is quiet about an entry for another place', async () => {
    const { editor } = open('const a = con▮\n', rules);
    const { silence } = await editor.ask('automatic', undefined, selected);
    expect(silence?.reason).toBe('selection-mismatch');
  });

  test('is quiet about an entry for several lines', async () => {
    const { editor } = open('co\r\nn▮\n', rules);
    const { silence } = await editor.ask('automatic', undefined, { ...selected, end: 5 });
    expect(silence?.reason).toBe('selection-mismatch');
  });
});

describe('feedback', () => {
  const rules = [{ after: ' = ', drafts: ['call(first, second);'] }];

  test('an accept is known from the command, and told once', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.accept(items[0]!);
    editor.type(' ');
    expect(editor.verdicts).toEqual([{ kind: 'accepted', item: items[0]!.id, inferred: false }]);
  });

  test('an accept without a command is inferred', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.insert(items[0]!.text);
    editor.type(' ');
    expect(editor.verdicts).toEqual([{ kind: 'accepted', item: items[0]!.id, inferred: true }]);
  });

  test('a word accepted is inferred, a letter typed is not', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.type('c');
    await editor.ask();
    expect(editor.verdicts).toEqual([]);
    editor.insert('all');
    expect(editor.verdicts).toEqual([{ kind: 'partly accepted', item: items[0]!.id, inferred: true }]);
  });

  test('typing something else is a rejection when there was time to see the suggestion', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const { items } = await editor.ask();
    editor.pass(600);
    editor.insert('x');
    expect(editor.verdicts).toEqual([{ kind: 'rejected', item: items[0]!.id, inferred: true }]);
  });

  test('typing on at once is none', async () => {
    const { editor } = open('const a = ▮\n', rules);
    await editor.ask();
    editor.pass(100);
    editor.insert('x');
    expect(editor.verdicts).toEqual([]);
  });

  test('rejections in a row make the next suggestion wait; an accept, another file or time end that', async () => {
    const { editor } = open('const a = ▮\n', rules);
    const reject = async () => {
      await editor.ask();
      editor.pass(600);
      editor.insert('x\nb = ');
    };
    for (let count = 0; count < 6; count++) await reject();
    await editor.ask();
    expect(editor.waits.at(-1)).toBe(800);
    editor.pass(6 * 60_000);
    editor.insert('x\nc = ');
    await editor.ask();
    expect(editor.waits.at(-1)).toBeLessThan(300);
  });

  test('a suggestion that never came for that reason says so', async () => {
    const { editor } = open('const a = ▮\n', rules);
    for (let count = 0; count < 6; count++) {
      await editor.ask();
      editor.pass(600);
      editor.insert('x\nb = ');
    }
    const abort = new AbortController();
    const asked = editor.ask('automatic', abort.signal);
    abort.abort();
    expect((await asked).silence?.reason).toBe('backing-off');
  });
});

describe('an engine that is not there', () => {
  test('is told while it loads', async () => {
    const editor = editorAt('const a = ▮', { kind: 'loading', what: 'model', fraction: 0.25 });
    expect((await editor.ask()).silence).toEqual({ reason: 'loading', detail: 'model (25 %)' });
  });

  test('is told when it cannot be used', async () => {
    const editor = editorAt('const a = ▮', {
      kind: 'unavailable',
      problem: 'No bundle.',
      remedy: 'Convert one.',
    });
    expect((await editor.ask('explicit')).silence).toEqual({
      reason: 'unavailable',
      detail: 'No bundle. Convert one.',
    });
  });

  test('breaking down is told to the user and to whoever looks after it', async () => {
    const broken = { write: () => Promise.reject(new Error('The engine stopped.')) };
    const editor = editorAt('const a = ▮', engineOf(broken));
    expect((await editor.ask()).silence).toEqual({ reason: 'unavailable', detail: 'The engine stopped.' });
    expect(editor.failures).toHaveLength(1);
  });
});

describe('bad input', () => {
  const rules = [{ after: '', drafts: ['word();'] }];

  test('a file of 5 MB is too large', async () => {
    const { editor } = open(`${'const a = 1;\n'.repeat(400_000)}▮`, rules);
    expect((await editor.ask('explicit')).silence?.reason).toBe('too-large');
  });

  test('a line of 100,000 columns is too large', async () => {
    const { editor } = open(`${'a+'.repeat(50_000)}▮`, rules);
    expect((await editor.ask('explicit')).silence?.reason).toBe('too-large');
  });

  test('null characters make a file binary', async () => {
    const { editor } = open('const a\0 = ▮', rules);
    expect((await editor.ask('explicit')).silence?.reason).toBe('binary');
  });

  test('a byte order mark is not part of the text', async () => {
    const { editor, writer } = open('\uFEFFconst a = ▮', rules);
    const { items } = await editor.ask();
    expect(writer.requests[0]!.program.before).toBe('const a = ');
    expect(items[0]!.start).toBe('\uFEFFconst a = '.length);
  });

  test('characters outside the basic plane keep their place', async () => {
    const { editor } = open('const 𝒜 = "😀" + ▮', rules);
    const { items } = await editor.ask();
    expect(items).toMatchObject([{ text: 'word();', start: 18, end: 18 }]);
  });

  test('half of a surrogate pair does no harm', async () => {
    const { editor } = open('const a = "\ud83d" + ▮', rules);
    expect(texts(await editor.ask())).toEqual(['word();']);
  });

  test('a thousand requests cancelled in a burst ask the model at most once', async () => {
    const { editor, writer, advance } = openStepwise('const a = ▮', rules);
    const asked = Array.from({ length: 1000 }, () => {
      const abort = new AbortController();
      const answer = editor.ask('automatic', abort.signal);
      abort.abort();
      return answer;
    });
    const answers = await Promise.all(asked);
    expect(answers.every(({ silence }) => silence?.reason === 'cancelled')).toBe(true);
    expect(writer.requests.length).toBeLessThanOrEqual(1);
    const last = editor.ask();
    await advance(5);
    expect(texts(await last)).toEqual(['word();']);
  });
});
