import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

// Vitest loads this file without the condition that resolves the workspace's packages to their sources.
const root = path.resolve(import.meta.dirname, '../../../../..');

/** Bundles both programs before the tests, so that they judge what is shipped, as it is now. */
export async function setup(): Promise<void> {
  // The contract with a real API server knows no programs.
  if (process.env.CONTRACT_SERVER === 'real') return;
  for (const app of ['apps/imds-agent', 'apps/queue-processor']) {
    const args = ['-C', '@node-termination-handler/source', 'tools/checks/src/main.ts', 'bundle', app];
    await promisify(execFile)(process.execPath, args, { cwd: root });
  }
}
