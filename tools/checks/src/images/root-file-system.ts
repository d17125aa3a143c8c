import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ImageProgram } from './programs.ts';
import { contextFolder } from './programs.ts';
import { run } from './run.ts';

/** The user of the images. */
export const imageUser = 65_532;

/** A folder laid out as the image is: Node.js, the libraries it needs, and the program. */
export interface RootFileSystem extends AsyncDisposable {
  readonly folder: string;
}

/** Lays out the root file system of a program's image from this machine's Node.js; it is gone when disposed of. */
export async function rootFileSystem(program: ImageProgram, node = process.execPath): Promise<RootFileSystem> {
  const folder = await mkdtemp(join(tmpdir(), `image-${program}-`));
  // A temporary folder is its owner's alone; the image's user has to get in.
  await chmod(folder, 0o755);
  const put = async (from: string, to: string) => {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await copyFile(from, join(folder, to));
  };
  await put(node, '/nodejs/bin/node');
  for (const library of await librariesOf(node)) await put(library, library);
  await cp(contextFolder(program), join(folder, 'app'), { recursive: true });
  await mkdir(join(folder, 'etc'));
  await mkdir(join(folder, 'proc'));
  await mkdir(join(folder, 'dev'));
  await writeFile(join(folder, 'etc', 'passwd'), `nonroot:x:${imageUser}:${imageUser}:nonroot:/:/sbin/nologin\n`);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** The shared libraries that a program is linked to, by their paths. */
async function librariesOf(binary: string): Promise<readonly string[]> {
  const { output } = await run('ldd', [binary]);
  return [...output.matchAll(/(\/\S+)(?= \(0x)/g)].map(([path]) => path);
}

/** Every file in a folder, by its path from there. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();
}
