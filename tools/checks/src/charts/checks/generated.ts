import { relative } from 'node:path';
import { generatedFiles, staleFiles } from '../generate/generated-files.ts';
import { workspaceFolder } from '../program/program.ts';
import type { Check } from './check.ts';
import { CheckFailure } from './check.ts';

/** What follows from the settings and the shared templates is what it would be made anew. */
export const generatedAreFresh: Check = {
  name: 'generated files are fresh',
  needsGo: false,
  async run() {
    const stale = await staleFiles();
    if (stale.length > 0) {
      const names = stale.map(({ path }) => relative(workspaceFolder, path)).join(', ');
      throw new CheckFailure(`${names}: make them anew with "chart-check --write"`);
    }
    return `${(await generatedFiles()).length} files`;
  },
};
