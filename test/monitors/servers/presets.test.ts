/** The analysis servers that do not ship, where they are installed: members, and errors that a draft brings. */
import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { isNames, type Answer } from '../../../language-server/monitors/questions.js';
import { onPath, presets } from '../../../language-server/monitors/servers/presets.js';
import { analysisOf, type Bench } from '../../support/analysis-of.js';

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

function bench(files: Readonly<Record<string, string>>): Bench {
  const made = analysisOf(files);
  benches.push(made);
  return made;
}

/** Some programs on the path only stand for others that may not be installed, such as rustup's. */
function runs(program: string): boolean {
  const file = onPath(program);
  if (file === undefined) return false;
  try {
    execFileSync(file, [program.startsWith('go') ? 'version' : '--version'], {
      stdio: 'ignore',
      timeout: 20_000,
    });
    return true;
  } catch {
    return false;
  }
}

/** The names that may stand there, sorted; or why none are known. */
function namesIn(answer: Answer): readonly string[] | Answer {
  return isNames(answer) && answer.complete ? answer.names.map(({ text }) => text).sort() : answer;
}

const patient = { timeout: 120_000 };

describe.skipIf(!runs('clangd'))('clangd', () => {
  const header =
    'struct Ledger { int cents; int enter(const char *who); };\nenum class Colour { Red, Green };\n';
  const begun = '#include "ledger.hpp"\nint main() {\n  Ledger l;\n  Ledger *p = &l;\n  ';

  test('C++: members by `.`, `->` and `::`, from the first question on', patient, async () => {
    const { ask } = bench({ 'ledger.hpp': header });
    for (const written of ['l.', 'p->', 'int n = p->']) {
      const answer = await ask('members', 'a.cpp', `${begun}${written}▮\n}\n`);
      expect(namesIn(answer)).toEqual(['cents', 'enter']);
    }
    const colours = await ask('members', 'a.cpp', `${begun}auto c = Colour::▮;\n}\n`);
    expect(namesIn(colours)).toEqual(['Green', 'Red']);
  });

  test('C++: errors that a draft brings', patient, async () => {
    const { ask } = bench({ 'ledger.hpp': header });
    const added = (written: string) => ask('diagnostics', 'a.cpp', `${begun}▮\n}\n`, written);
    expect(await added('l.entr("a");')).toMatchObject({ added: [{ start: 2, end: 6, severity: 'error' }] });
    expect(await added('l.enter("a");')).toEqual({ added: [] });
  });

  test('C: members, though the text around them is not complete', patient, async () => {
    const { ask } = bench({});
    const c = 'struct L { int cents; };\nint main(void) {\n  struct L l;\n  struct L *p = &l;\n  p->▮\n}\n';
    expect(namesIn(await ask('members', 'a.c', c))).toEqual(['cents']);
  });
});

describe.skipIf(!runs('gopls') || !runs('go'))('gopls', () => {
  const files = {
    'go.mod': 'module example.com/a\n\ngo 1.18\n',
    'ledger.go':
      'package main\n\ntype Ledger struct{ Cents int }\n\nfunc (l *Ledger) Enter(who string) int { return l.Cents }\n',
    'main.go': 'package main\n',
  };
  const begun = 'package main\n\nimport "strings"\n\nfunc main() {\n\tl := &Ledger{}\n\t_ = l\n\t';

  test('members of a type in another file, and of a package', patient, async () => {
    const { ask } = bench(files);
    for (const written of ['l.', 'n := l.']) {
      const answer = await ask('members', 'main.go', `${begun}${written}▮\n}\n`);
      expect(namesIn(answer)).toEqual(['Cents', 'Enter']);
    }
    const exported = namesIn(await ask('members', 'main.go', `${begun}strings.▮\n}\n`));
    expect(exported).toContain('TrimSpace');
    expect(exported).not.toContain('trimSpace');
  });

  test('errors that a draft brings', patient, async () => {
    const { ask } = bench(files);
    const added = (written: string) => ask('diagnostics', 'main.go', `${begun}▮\n}\n`, written);
    expect(await added('l.Entr("a")')).toMatchObject({
      added: expect.arrayContaining([expect.objectContaining({ start: 2, end: 6 })]) as unknown,
    });
  });
});

describe.skipIf(!runs('rust-analyzer'))('rust-analyzer', () => {
  const files = {
    'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n',
    'src/main.rs': 'fn main() {}\n',
  };
  const begun =
    'struct Ledger { cents: i32 }\nimpl Ledger { fn enter(&self) -> i32 { self.cents } }\nfn main() {\n    let l = Ledger { cents: 1 };\n    ';

  test('members by `.` and `::`', patient, async () => {
    const { ask } = bench(files);
    const names = await ask('members', 'src/main.rs', `${begun}l.▮\n}\n`);
    expect(isNames(names) && names.names.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['cents', 'enter']),
    );
  });
});

test('a preset names a program first, and only that is looked for', () => {
  for (const [program] of Object.values(presets)) expect(program).toMatch(/^[a-z-]+$/);
});
