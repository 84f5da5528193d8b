/** Names in the real editor: where the model alone invents a member, the one that is suggested exists. */
import { afterEach, describe, expect, inject, test } from 'vitest';
import { ghostText, openFile, openWorkbench, picture, statusIs, type Workbench } from './drive.js';

const files = {
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "module": "nodenext" }, "include": ["*.ts"] }\n',
  'ledger.ts': `export class Ledger {
  private readonly rows: { readonly who: string; readonly cents: number }[] = [];
  enterCents(who: string, cents: number): this {
    this.rows.push({ who, cents });
    return this;
  }
  owedBy(who: string): number {
    return this.rows.filter((row) => row.who === who).reduce((sum, row) => sum + row.cents, 0);
  }
}
`,
  'invoice.ts': "import { Ledger } from './ledger.js';\n\nconst ledger = new Ledger();\n",
  'pyproject.toml': '[project]\nname = "ledger"\nversion = "1"\n',
  'ledger.py': `class Ledger:
    def __init__(self) -> None:
        self.rows: list[tuple[str, int]] = []

    def enter_cents(self, who: str, cents: int) -> "Ledger":
        self.rows.append((who, cents))
        return self

    def owed_by(self, who: str) -> int:
        return sum(cents for name, cents in self.rows if name == who)
`,
  'invoice.py': 'from ledger import Ledger\n\nledger = Ledger()\n',
};

const members = { 'invoice.ts': /^(enterCents|owedBy)\b/, 'invoice.py': /^(enter_cents|owed_by)\b/ };

let workbench: Workbench | undefined;
afterEach(async () => {
  await workbench?.close();
  workbench = undefined;
});

/** What is suggested after `ledger.` in each file. */
async function suggested(policy: string): Promise<Record<keyof typeof members, string>> {
  workbench = await openWorkbench(inject('extensions'), files, {
    'candor.monitors': { '*': policy },
    // The clock does not decide: a slow machine may take its time.
    'candor.budgetMs': 60_000,
    'candor.prepareNext': false,
  });
  const { page } = workbench;
  await statusIs(page, 'ready');
  const texts: Record<string, string> = {};
  for (const name of Object.keys(members)) {
    await openFile(page, name);
    // The analysis server reads the project when its first document is opened.
    await page.waitForTimeout(policy === 'off' ? 0 : 15_000);
    await page.keyboard.type('ledger.', { delay: 30 });
    texts[name] = await ghostText(page);
    await picture(page, `monitors-${policy}-${name}`);
  }
  return texts;
}

describe('after a dot', () => {
  test('the model alone invents members; checked, it names those that exist', async () => {
    const alone = await suggested('off');
    for (const [name, pattern] of Object.entries(members))
      expect(alone[name as keyof typeof members]).not.toMatch(pattern);
    await workbench?.close();
    const checked = await suggested('check');
    for (const [name, pattern] of Object.entries(members))
      expect(checked[name as keyof typeof members]).toMatch(pattern);
  });
});
