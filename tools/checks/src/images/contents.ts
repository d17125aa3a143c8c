import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { mustRun } from '../command.ts';
import { appFolder, root } from '../workspace.ts';

/** What is in an image beside its base and the parts of the program that `main.cjs` loads when it needs them; nothing else. */
export const imageFiles: readonly string[] = ['LICENSE', 'THIRD-PARTY-LICENSES.txt', 'main.cjs', 'sbom.cdx.json'];

/** The folder that a program's image is built from. */
export function contextFolder(program: Program): string {
  return path.join(appFolder(program), 'dist', 'image');
}

/** Lays out the folder that a program's image is built from its bundle, the same files on every machine; answers with their names. */
export async function layOut(program: Program): Promise<readonly string[]> {
  const bundle = path.join(appFolder(program), 'dist');
  const parts = (await readdir(bundle)).filter((name) => name.endsWith('.cjs'));
  const folder = contextFolder(program);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(parts.map((name) => copyFile(path.join(bundle, name), path.join(folder, name))));
  await copyFile(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  const components = await writeBillOfMaterials(program, path.join(folder, 'sbom.cdx.json'));
  await writeFile(path.join(folder, 'THIRD-PARTY-LICENSES.txt'), await licenceTexts(components));
  return (await readdir(folder)).sort();
}

/** A package in a program's bundle, or one that could be. */
interface Component {
  readonly name: string;
  readonly version: string;
}

/**
 * Writes a program's bill of materials, in CycloneDX, and returns the packages in it: every production dependency in the lock file, also
 * what the bundler has shaken out.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
async function writeBillOfMaterials(program: Program, file: string): Promise<readonly Component[]> {
  const tool = path.join(root, 'node_modules', '.bin', 'cyclonedx-npm');
  const what = ['--workspace', `@node-termination-handler/${program}`, '--omit', 'dev', '--omit', 'optional'];
  const how = ['--mc-type', 'application', '--output-reproducible', '--output-format', 'JSON', '--output-file', file];
  // Other projects of the workspace may be in the middle of a change of theirs; what npm finds amiss there is not about this image.
  await mustRun(tool, [...what, '--ignore-npm-errors', ...how], { cwd: root });
  return componentsOf(await readFile(file, 'utf8'));
}

/**
 * The packages in a bill of materials, those inside others too, each once.
 *
 * @throws Error when it is none.
 */
export function componentsOf(json: string): readonly Component[] {
  const bill = JSON.parse(json) as BillOfMaterials;
  if (bill.bomFormat !== 'CycloneDX') throw new Error('this is no bill of materials by CycloneDX');
  const unique = new Map(packagesIn(bill).map((found) => [`${found.name}@${found.version}`, found]));
  return [...unique.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The parts of a bill of materials, and of each component in it, that are read here. */
interface BillOfMaterials {
  readonly bomFormat?: string;
  readonly components?: readonly (BillOfMaterials & Component & { readonly group?: string })[];
}

function packagesIn({ components = [] }: BillOfMaterials): readonly Component[] {
  return components.flatMap(({ group = '', name, version, ...inner }) => [
    { name: group === '' ? name : `${group}/${name}`, version },
    ...packagesIn(inner),
  ]);
}

/** The licence texts of packages, one after the other; a package without a file is named with what its package.json says. */
async function licenceTexts(components: readonly Component[]): Promise<string> {
  return (await Promise.all(components.map(licenceOf))).join(`\n${'-'.repeat(80)}\n`);
}

async function licenceOf({ name, version }: Component): Promise<string> {
  const folder = path.join(root, 'node_modules', name);
  const files = (await readdir(folder).catch(() => [])).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = await Promise.all(files.sort().map((file) => readFile(path.join(folder, file), 'utf8')));
  const heading = `${name} ${version}\n`;
  if (texts.length > 0) return [heading, ...texts].join('\n');
  const declared = await readFile(path.join(folder, 'package.json'), 'utf8').then(
    (json) => /"license":\s*"([^"]+)"/.exec(json)?.[1],
    () => undefined,
  );
  return `${heading}\n${declared === undefined ? 'No licence text is in the package.' : `Licence: ${declared}`}\n`;
}
