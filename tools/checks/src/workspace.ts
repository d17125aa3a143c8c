import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { mustRun } from './command.ts';

/** The root of the workspace. */
export const root = path.resolve(import.meta.dirname, '../../..');

/** The programs, each with its image and its chart. */
export const programs: readonly Program[] = ['imds-agent', 'queue-processor'];

/** The folder of a program. */
export function appFolder(program: Program): string {
  return path.join(root, 'apps', program);
}

/** The parts of a `package.json` that the checks read. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A package that is published. */
export interface PublishedPackage {
  /** Its folder's name. */
  readonly name: string;
  readonly folder: string;
  readonly manifest: PackageJson;
}

/** Every package of the workspace that is published: libraries first, each kind in the order of the names. */
export async function publishedPackages(): Promise<readonly PublishedPackage[]> {
  const kinds = await Promise.all(['libs', 'tools'].map(packagesIn));
  return kinds.flat().filter(({ manifest }) => manifest.private !== true);
}

async function packagesIn(kind: string): Promise<readonly PublishedPackage[]> {
  const files: string[] = [];
  for await (const file of glob('*/package.json', { cwd: path.join(root, kind) })) files.push(file);
  return Promise.all(
    files.sort().map(async (file) => {
      const folder = path.join(root, kind, path.dirname(file));
      const manifest = JSON.parse(await readFile(path.join(root, kind, file), 'utf8')) as PackageJson;
      return { name: path.basename(folder), folder, manifest };
    }),
  );
}

/** Every file that git has or would take, by its path from the root; `patterns` as `git ls-files` reads them. */
export async function repositoryFiles(...patterns: readonly string[]): Promise<readonly string[]> {
  const stdout = await mustRun('git', ['ls-files', '-co', '--exclude-standard', '-z', ...patterns], { cwd: root });
  return stdout.split('\0').filter((name) => name !== '');
}
