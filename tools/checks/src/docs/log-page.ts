/** The levels of log lines, worst first. */
export const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** A line that a program can write. */
export interface LogLine {
  /** The worst level that it can have. */
  readonly level: (typeof LEVELS)[number];
  /** Its message; `…` stands for what is put in. */
  readonly text: string;
  /** The file that says it, relative to the repository. */
  readonly file: string;
}

/** Where the page is, relative to the repository. */
export const LOG_PAGE = 'docs/logs.md';

/** What people are told of a line: what it means, and what is to be done. */
export interface Explained {
  readonly text: string;
  readonly means: string;
  readonly toDo: string;
}

/** The rows of the page: what it says of each line. Pure. */
export function explainedIn(page: string): readonly Explained[] {
  return [...page.matchAll(/^\| `([^\n]+?)` \| [AQ, ]+ \| (.*?) \| (.*?) \|$/gm)].map(
    ([, text = '', means = '', toDo = '']) => ({ text: text.replaceAll('\\|', '|'), means, toDo }),
  );
}

/** Finds the row of the page that explains a message; `undefined` where none does. Pure. */
export function explainerOf(page: string): (message: string) => Explained | undefined {
  const rows = explainedIn(page);
  const whole = new Map(rows.map((row) => [row.text, row]));
  const patterns = rows
    .filter(({ text }) => text.includes('…'))
    .map((row) => ({ row, pattern: new RegExp(`^${row.text.split('…').map(literally).join('[^]*')}$`, 'u') }));
  return (message) => whole.get(message) ?? patterns.find(({ pattern }) => pattern.test(message))?.row;
}

function literally(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}

/** The page anew: its head as it is, its tables as the programs write lines, with what was said of each. Pure. */
export function pageWith(lines: readonly LogLine[], page: string): string {
  const head = page.slice(0, page.indexOf('\n## error\n'));
  const known = new Map(explainedIn(page).map((row) => [row.text, row]));
  const tables = LEVELS.map((level) => {
    const rows = lines
      .filter((line) => line.level === level)
      .toSorted((one, other) => one.text.localeCompare(other.text, 'en'))
      .map(({ text, file }) => {
        const { means = '', toDo = '' } = known.get(text) ?? {};
        return `| \`${text.replaceAll('|', '\\|')}\` | ${programsOf(file)} | ${means} | ${toDo} |`;
      });
    return `## ${level}\n\n| line | from | what it means | what to do |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `${head}\n${tables.join('\n')}`;
}

function programsOf(file: string): string {
  if (/^(apps|libs)\/imds-/.test(file)) return 'A';
  return file.startsWith('apps/') ? 'Q' : 'A, Q';
}
