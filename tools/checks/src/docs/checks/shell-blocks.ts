import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../workspace.ts';
import { remark } from 'remark';
import { visit } from 'unist-util-visit';
import type { Finding } from '../../packages/report/finding.ts';

/** A shell block that says of itself that it can be run. */
export interface ShellBlock {
  readonly file: string;
  readonly line: number;
  readonly commands: string;
}

/** The blocks of a text that begin with three backticks, `sh` and `runnable`. */
export function runnableBlocks(file: string, markdown: string): readonly ShellBlock[] {
  const blocks: ShellBlock[] = [];
  visit(remark().parse(markdown), 'code', ({ lang, meta, value, position }) => {
    if (lang === 'sh' && meta === 'runnable') blocks.push({ file, line: position?.start.line ?? 0, commands: value });
  });
  return blocks;
}

/** Runs every block that can be run, from the root of the repository. */
export async function checkShellBlocks(files: readonly string[]): Promise<readonly Finding[]> {
  const blocks = await Promise.all(
    files.map(async (file) => runnableBlocks(file, await readFile(path.join(root, file), 'utf8'))),
  );
  const findings: Finding[] = [];
  for (const block of blocks.flat()) findings.push(await runBlock(block));
  const none = { about: 'runnable shell blocks', problems: ['there is none'] };
  return findings.length === 0 ? [none] : findings;
}

async function runBlock({ file, line, commands }: ShellBlock): Promise<Finding> {
  const about = `${file}:${line}: ${commands.split('\n')[0] ?? ''}`;
  try {
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    return { about, problems: [] };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { about, problems: [...stdout.split('\n').slice(-20), ...stderr.split('\n').slice(-20)] };
  }
}
