import { access } from 'node:fs/promises';
import { workspaceRoot } from './world.ts';

/** The programs' bundles that are not there, by their path in the workspace. */
export async function findMissingBundles(): Promise<readonly string[]> {
  const bundles = ['apps/imds-agent/dist/main.cjs', 'apps/queue-processor/dist/main.cjs'];
  const found = await Promise.all(
    bundles.map(async (path) =>
      access(`${workspaceRoot}${path}`).then(
        () => true,
        () => false,
      ),
    ),
  );
  return bundles.filter((_, index) => found[index] !== true);
}
