import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBillOfMaterials } from './bill-of-materials.ts';
import { licenceTexts } from './licences.ts';
import type { ImageProgram } from './programs.ts';
import { appFolder, contextFolder, workspaceFolder } from './programs.ts';
import { run } from './run.ts';

/** What is in an image beside its base and the parts of the program that `main.cjs` loads when it needs them; nothing else. */
export const imageFiles: readonly string[] = ['LICENSE', 'THIRD-PARTY-LICENSES.txt', 'main.cjs', 'sbom.cdx.json'];

/** A program could not be bundled. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/**
 * Bundles a program and lays out the folder that its image is built from: the same files on every machine.
 *
 * @throws {@link BundleError}
 */
export async function stage(program: ImageProgram): Promise<readonly string[]> {
  const bundler = ['-C', '@node-termination-handler/source', 'tools/checks/src/bundle/main.ts', `apps/${program}`];
  const { code, output } = await run(process.execPath, bundler, { cwd: workspaceFolder });
  if (code !== 0) throw new BundleError(output);
  const folder = contextFolder(program);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bundle = join(appFolder(program), 'dist');
  const parts = (await readdir(bundle)).filter((name) => name.endsWith('.cjs'));
  await Promise.all(parts.map((name) => copyFile(join(bundle, name), join(folder, name))));
  await copyFile(join(workspaceFolder, 'LICENSE'), join(folder, 'LICENSE'));
  const components = await writeBillOfMaterials(program, join(folder, 'sbom.cdx.json'));
  const licences = await licenceTexts(components, join(workspaceFolder, 'node_modules'));
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), licences);
  return (await readdir(folder)).sort();
}
