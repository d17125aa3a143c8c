import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../workspace.ts';

/** The parts of a `package.json` that the checks read. */
export interface Manifest {
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
  readonly manifest: Manifest;
}

/** Every package of the workspace that is published: libraries first, each kind in the order of the names. */
export async function publishedPackages(): Promise<readonly PublishedPackage[]> {
  const kinds = await Promise.all(['libs', 'tools'].map(packagesIn));
  return kinds.flat().filter(({ manifest }) => manifest.private !== true);
}

async function packagesIn(kind: string): Promise<readonly PublishedPackage[]> {
  const manifests: string[] = [];
  for await (const file of glob('*/package.json', { cwd: path.join(root, kind) })) manifests.push(file);
  return Promise.all(
    manifests.sort().map(async (file) => {
      const folder = path.join(root, kind, path.dirname(file));
      const manifest = JSON.parse(await readFile(path.join(root, kind, file), 'utf8')) as Manifest;
      return { name: path.basename(folder), folder, manifest };
    }),
  );
}
