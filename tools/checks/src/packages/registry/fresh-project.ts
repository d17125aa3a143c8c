import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../workspace.ts';
import { runCommand } from '../run-command.ts';
import type { Registry } from './registry.ts';

/** Versions of Node.js that a user may have. */
export const NODE_VERSIONS = ['22', '24'] as const;

/** A project of somebody who knows nothing of this workspace. */
export interface FreshProject extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file and runs it on a version of Node.js. */
  run(
    version: (typeof NODE_VERSIONS)[number],
    file: string,
    text: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<string>;
}

/** Makes a project outside of the workspace that has the packages from the registry, and each version of Node.js as a package. */
export async function createFreshProject(registry: Registry, packages: readonly string[]): Promise<FreshProject> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nth-fresh-'));
  await writeFile(path.join(folder, '.npmrc'), `@node-termination-handler:registry=${registry.url}/\n`);
  const manifest = {
    name: 'fresh',
    private: true,
    dependencies: Object.fromEntries(packages.map((name) => [name, 'latest'])),
    devDependencies: Object.fromEntries(NODE_VERSIONS.map((version) => [`node-${version}`, `npm:node@${version}`])),
    // The package named node fetches its binary when it is installed.
    allowScripts: { node: true },
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await runCommand('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
  return {
    folder,
    run: async (version, file, text, env = {}) => {
      await writeFile(path.join(folder, file), text);
      const node = path.join(folder, 'node_modules', `node-${version}`, 'bin/node');
      return runCommand(node, [file], { cwd: folder, env });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The first example of a library's README. */
export async function readmeExample(library: string): Promise<string> {
  const readme = await readFile(path.join(root, 'libs', library, 'README.md'), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1];
  if (example === undefined) throw new Error(`the README of ${library} has no example`);
  return example;
}
