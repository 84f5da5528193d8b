/** Names in the real editor: where the model alone invents a member, the one that is suggested exists. */
import { afterEach, expect, inject, test } from 'vitest';
import { ghostText, openFile, openWorkbench, picture, statusIs, why, type Workbench } from './drive.js';

/** A project of each language, the file to type in, and the members that there are. */
const projects = [
  {
    language: 'TypeScript',
    name: 'invoice.ts',
    members: /^(enterCents|owedBy)\b/,
    files: {
      'tsconfig.json':
        '{ "compilerOptions": { "strict": true, "module": "nodenext" }, "include": ["*.ts"] }\n',
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
    },
  },
  {
    language: 'Python',
    name: 'invoice.py',
    members: /^(__init__|rows|enter_cents|owed_by)\b/,
    files: {
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
    },
  },
] as const;

let workbench: Workbench | undefined;
afterEach(async () => {
  await workbench?.close();
  workbench = undefined;
});

/** What is suggested after `ledger.`. */
async function suggested({ files, name }: (typeof projects)[number], policy: string): Promise<string> {
  workbench = await openWorkbench(inject('extensions'), files, {
    'candor.monitors': { '*': policy },
    // The clock does not decide: a slow machine may take its time.
    'candor.budgetMs': 60_000,
    'candor.prepareNext': false,
  });
  const { page } = workbench;
  await statusIs(page, 'ready');
  await openFile(page, name);
  // The analysis server reads the project when its first document is opened.
  await page.waitForTimeout(policy === 'off' ? 0 : 15_000);
  await page.keyboard.type('ledger.', { delay: 30 });
  const text = await ghostText(page).catch(async (error: unknown) => {
    await picture(page, `monitors-${policy}-${name}-nothing`);
    throw new Error(`Nothing was suggested in ${name}: ${await why(page)}`, { cause: error });
  });
  await picture(page, `monitors-${policy}-${name}`);
  await workbench.close();
  workbench = undefined;
  return text;
}

test.each(projects)(
  '$language: after a dot the model alone invents a member; checked, it names one',
  async (project) => {
    expect(await suggested(project, 'off')).not.toMatch(project.members);
    expect(await suggested(project, 'check')).toMatch(project.members);
  },
);
