import { execFile } from 'node:child_process';
import path from 'node:path';

/**
 * Builds both programs, or finds that nothing has changed since they were built.
 * @returns what the build has written, when it failed
 */
export function buildPrograms(workspaceRoot: string, signal: AbortSignal): Promise<string | undefined> {
  const nx = path.join(workspaceRoot, 'node_modules/.bin/nx');
  const args = ['run-many', '-t', 'bundle', '--outputStyle=static'];
  return new Promise((resolve) => {
    execFile(nx, args, { cwd: workspaceRoot, signal, shell: process.platform === 'win32' }, (error, stdout, stderr) => {
      resolve(error === null ? undefined : `${stdout}${stderr}${error.message}`);
    });
  });
}
