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
interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly engines?: Readonly<Record<string, string>>;
}

/** A package of the workspace. */
export interface WorkspacePackage {
  /** Its folder's name. */
  readonly name: string;
  readonly folder: string;
  readonly manifest: PackageJson;
}

/** The packages of a kind, in the order of their names. */
export async function packagesIn(kind: 'libs' | 'tools'): Promise<readonly WorkspacePackage[]> {
  const packages: WorkspacePackage[] = [];
  for await (const file of glob(path.join(root, kind, '*/package.json'))) {
    const folder = path.dirname(file);
    const manifest = JSON.parse(await readFile(file, 'utf8')) as PackageJson;
    packages.push({ name: path.basename(folder), folder, manifest });
  }
  return packages.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Every package that is published, libraries first. */
export async function publishedPackages(): Promise<readonly WorkspacePackage[]> {
  const all = [...(await packagesIn('libs')), ...(await packagesIn('tools'))];
  return all.filter(({ manifest }) => manifest.private !== true);
}

/** Every file that git has or would take, by its path from the root; `patterns` as `git ls-files` reads them. */
export async function repositoryFiles(...patterns: readonly string[]): Promise<readonly string[]> {
  const stdout = await mustRun('git', ['ls-files', '-co', '--exclude-standard', '-z', ...patterns], { cwd: root });
  return stdout.split('\0').filter((name) => name !== '');
}
