import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { workspaceFolder } from '../program/program.ts';
import { staleFiles } from './generated-files.ts';

/** Makes what is stale anew, and says which files that were. */
export async function writeGenerated(): Promise<readonly string[]> {
  const stale = await staleFiles();
  for (const { path, text } of stale) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return stale.map(({ path }) => relative(workspaceFolder, path));
}
