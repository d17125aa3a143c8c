import type { Program } from '@node-termination-handler/settings';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the workspace. */
export const workspaceFolder: string = fileURLToPath(new URL('../../../../../', import.meta.url));

/** The folder of this project: its shared templates, cases and snapshots. */
export const chartsFolder: string = fileURLToPath(new URL('../../../charts/', import.meta.url));

/** The programs that have a chart. */
export const programs: readonly Program[] = ['imds-agent', 'queue-processor'];

/** The folder of a program's chart. */
export function chartFolder(program: Program): string {
  return join(workspaceFolder, 'apps', program, 'chart');
}
