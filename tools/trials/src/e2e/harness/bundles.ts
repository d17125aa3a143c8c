import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramName } from './world.ts';
import { workspaceRoot } from './world.ts';

const programs: readonly ProgramName[] = ['imds-agent', 'queue-processor'];

/** A program's bundle in this workspace, or in the one that `E2E_WORKSPACE` names (to try programs built elsewhere). */
export function bundleOf(program: ProgramName): string {
  const root = process.env.E2E_WORKSPACE ?? '';
  return join(root === '' ? workspaceRoot : root, 'apps', program, 'dist', 'main.cjs');
}

/** The bundles that are not there. */
export async function findMissingBundles(): Promise<readonly string[]> {
  const bundles = programs.map(bundleOf);
  const found = await Promise.all(
    bundles.map(async (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return bundles.filter((_, index) => found[index] !== true);
}
