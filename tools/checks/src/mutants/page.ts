import { scoreOf } from './judge.ts';
import type { Fared, Reason } from './judge.ts';

/** Where the page is, relative to the repository. */
export const MUTANTS_PAGE = 'docs/mutants.md';

/** The page anew: its head as it is, with the tables of what was noticed and of what was not and why. Pure. */
export function pageWith(files: readonly Fared[], reasons: readonly Reason[], page: string): string {
  const head = page.slice(0, page.indexOf('\n## Files\n'));
  const scores = files.map((one) => row(code(one.file), one.all, one.survivors.length, scoreOf([one])));
  const all = files.reduce((sum, one) => sum + one.all, 0);
  const survivors = files.reduce((sum, one) => sum + one.survivors.length, 0);
  const rows = files.flatMap(({ file }) =>
    reasons
      .filter((reason) => reason.file === file)
      .map(({ line, mutants, why }) => row(code(nameOf(file)), code(line), mutants.map(code).join('<br>'), why)),
  );
  return `${head}
## Files

| file | mutants | survive | noticed, of a hundred |
| --- | --- | --- | --- |
${[...scores, row('all', all, survivors, scoreOf(files))].join('\n')}

## Survivors

| file | line | what for what | why no test notices |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function nameOf(file: string): string {
  return file.replace(/^libs\/[^/]+\/src\//, '');
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Code in a cell, whatever it holds. */
function code(text: string): string {
  const inner = text.replaceAll('|', '\\|');
  return inner.includes('`') ? `\`\` ${inner} \`\`` : `\`${inner}\``;
}
