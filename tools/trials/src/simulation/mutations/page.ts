import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../../program.ts';
import { firstViolation, storyLength } from './find.ts';
import type { Find } from './find.ts';

const PAGE = path.join(root, 'docs/reliability.md');

const HEAD = `| broken in one place | \`--mutation\` | first seed that finds it | what it says | of how much |
| --- | --- | --- | --- | --- |
`;

/** The page before the rows of the table, these, and what comes after. */
function partsOf(page: string): readonly [before: string, rows: string, after: string] {
  const [before, rest, ...others] = page.split(HEAD);
  if (before === undefined || rest === undefined || others.length > 0) {
    throw new Error('docs/reliability.md has no place for the table of mutations');
  }
  const end = rest.indexOf('\n\n');
  return [before, rest.slice(0, end), rest.slice(end)];
}

/** The names of the mutations that the page has, in its order. */
export function namesOnPage(page: string): readonly string[] {
  return [...partsOf(page)[1].matchAll(/^\|[^|]*\| `(?<name>[a-z-]+)` \|/gm)].map(({ groups }) => groups?.name ?? '');
}

/** The page with what became of the mutations. */
export function withFinds(page: string, finds: readonly Find[]): string {
  const [before, , after] = partsOf(page);
  return `${before}${HEAD}${finds.map(rowOf).join('\n')}${after}`;
}

function rowOf(find: Find): string {
  const { mutation, played, delivery } = find;
  const seed = delivery === undefined ? `none of ${played}` : String(delivery.outcome.seed);
  const says = firstViolation(find).replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 160);
  return `| ${[mutation.breaks, `\`${mutation.name}\``, seed, says, storyLength(find)].join(' | ')} |`;
}

/** Writes into docs/reliability.md what became of them. */
export async function writePage(finds: readonly Find[]): Promise<void> {
  await writeFile(PAGE, withFinds(await readFile(PAGE, 'utf8'), finds));
}
