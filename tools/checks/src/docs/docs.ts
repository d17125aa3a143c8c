import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buildComponents, chooseKubernetesVersion } from '@node-termination-handler/control-plane';
import { remark } from 'remark';
import { visit } from 'unist-util-visit';
import { run } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding, Verdict } from '../finding.ts';
import { publishedPackages, repositoryFiles, root } from '../workspace.ts';
import { makeApiReference } from './api-reference.ts';
import { checkAwsFiles } from './aws-files.ts';
import { playGettingStarted } from './getting-started.ts';

/** The page whose commands a stranger types one after the other. */
const GETTING_STARTED = 'docs/getting-started.md';

/** Checks what the documentation says: links, the files for AWS, the API references, and the commands that it says can be run. */
export async function* checkDocs(): AsyncGenerator<Finding> {
  const files = await repositoryFiles('*.md');
  yield await examine(`links in ${files.length} files`, () => followLinks(files));
  yield* checkAwsFiles();
  for (const library of await publishedPackages()) {
    yield await examine(`API reference of ${library.name}`, () => makeApiReference(library));
  }
  const texts = await Promise.all(files.map((file) => readFile(path.join(root, file), 'utf8')));
  const blocks = texts.flatMap((markdown, index) => runnableBlocks(files[index] ?? '', markdown));
  if (blocks.length === 0) yield { about: 'runnable shell blocks', problems: ['there is none'] };
  for (const block of blocks) yield await runBlock(block);
  const page = files.indexOf(GETTING_STARTED);
  // Before a command of the page waits for it: the first time it is built, which takes minutes.
  const { helm } = await buildComponents(['helm'], { version: chooseKubernetesVersion() });
  yield await examine(`${GETTING_STARTED}: every block, with the sandbox as AWS and cluster`, () =>
    playGettingStarted(shellBlocks(GETTING_STARTED, texts[page] ?? ''), helm),
  );
}

/** Every link to a file or a heading of the repository leads somewhere. Links to other hosts are not followed. */
async function followLinks(files: readonly string[]): Promise<Verdict> {
  const plugins = ['--use', 'remark-gfm', '--use', 'remark-validate-links=repository:false'];
  const args = ['--frail', '--quiet', '--no-color', '--no-stdout', ...plugins, ...files];
  const { code, output } = await run(path.join(root, 'node_modules/.bin/remark'), args, { cwd: root });
  return { problems: code === 0 ? [] : [output] };
}

/** A shell block of a page. */
export interface ShellBlock {
  readonly file: string;
  readonly line: number;
  readonly commands: string;
}

/** The shell blocks of a text. */
function shellBlocks(file: string, markdown: string): readonly (ShellBlock & { readonly isRunnable: boolean })[] {
  const blocks: (ShellBlock & { readonly isRunnable: boolean })[] = [];
  visit(remark().parse(markdown), 'code', ({ lang, meta, value, position }) => {
    const line = position?.start.line ?? 0;
    if (lang === 'sh') blocks.push({ file, line, commands: value, isRunnable: meta === 'runnable' });
  });
  return blocks;
}

/** The blocks of a text that begin with three backticks, `sh` and `runnable`. */
export function runnableBlocks(file: string, markdown: string): readonly ShellBlock[] {
  return shellBlocks(file, markdown)
    .filter(({ isRunnable }) => isRunnable)
    .map(({ line, commands }) => ({ file, line, commands }));
}

/** Runs a block from the root of the repository. */
function runBlock({ file, line, commands }: ShellBlock): Promise<Finding> {
  return examine(`${file}:${line}: ${commands.split('\n')[0] ?? ''}`, async () => {
    const { code, output } = await run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: root });
    return { problems: code === 0 ? [] : output.split('\n').slice(-40) };
  });
}
