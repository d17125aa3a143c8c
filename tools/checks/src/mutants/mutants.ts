import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { root } from '../workspace.ts';
import { fared, judge, REASONS } from './judge.ts';
import type { Fared, Reason } from './judge.ts';
import { MUTANTS_PAGE, pageWith } from './page.ts';
import { pathOf, pathsOf, PURE_FILES } from './pure-files.ts';
import { tryMutants } from './try-mutants.ts';

/**
 * Changes each pure file in many small ways, one at a time, and looks whether a test beside it fails.
 *
 * @param names - parts of the paths of those that are tried. Default: all.
 */
export async function* checkMutants(names: readonly string[], isWriting: boolean): AsyncGenerator<Finding> {
  if (isWriting && names.length > 0)
    throw new CommandError(`${MUTANTS_PAGE} tells of all files: --write takes no names`);
  const reasons = JSON.parse(await readFile(path.join(root, REASONS), 'utf8')) as readonly Reason[];
  const isChosen = (file: string): boolean => names.length === 0 || names.some((name) => file.includes(name));
  const chosen = PURE_FILES.map((group) => ({
    ...group,
    files: group.files.filter((file) => isChosen(pathOf(group.library, file))),
  })).filter(({ files }) => files.length > 0);
  if (chosen.length === 0) throw new CommandError(`no pure file is named like ${names.join(' or ')}`);
  const results: Fared[] = [];
  for (const group of chosen) {
    const mutants = await tryMutants(group);
    for (const file of pathsOf(group)) {
      const result = fared(file, mutants);
      results.push(result);
      yield { about: file, ...judge(result, reasons) };
    }
  }
  const known = PURE_FILES.flatMap(pathsOf);
  const strangers = reasons.filter(({ file }) => !known.includes(file));
  yield { about: REASONS, problems: strangers.map(({ file }) => `${file} is not tried`) };
  if (names.length > 0) return;
  yield await examine(MUTANTS_PAGE, async () => {
    const file = path.join(root, MUTANTS_PAGE);
    const before = await readFile(file, 'utf8');
    const after = pageWith(results, reasons, before);
    if (isWriting) await writeFile(file, after);
    return { problems: isWriting || before === after ? [] : ['its tables are another; make them with --write'] };
  });
}
