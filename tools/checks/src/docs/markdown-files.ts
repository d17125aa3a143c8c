import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from '../workspace.ts';

/** Every Markdown file of the repository, from its root. */
export async function markdownFiles(): Promise<readonly string[]> {
  const args = ['ls-files', '-co', '--exclude-standard', '-z', '*.md'];
  const { stdout } = await promisify(execFile)('git', args, { cwd: root });
  return stdout.split('\0').filter((name) => name !== '');
}
