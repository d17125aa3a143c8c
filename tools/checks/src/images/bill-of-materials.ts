import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageProgram } from './programs.ts';
import { workspaceFolder } from './programs.ts';
import { run } from './run.ts';

/** The bill of materials could not be written. */
export class BillOfMaterialsError extends Error {
  override readonly name = 'BillOfMaterialsError';
}

/** A package in a program's bundle, or one that could be. */
export interface Component {
  readonly name: string;
  readonly version: string;
}

/**
 * Writes a program's bill of materials, in CycloneDX, and returns the packages in it: every production dependency in the lock file, also
 * what the bundler has shaken out.
 *
 * @throws {@link BillOfMaterialsError}
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export async function writeBillOfMaterials(program: ImageProgram, file: string): Promise<readonly Component[]> {
  const tool = join(workspaceFolder, 'node_modules', '.bin', 'cyclonedx-npm');
  const args = ['--workspace', `@node-termination-handler/${program}`, '--omit', 'dev', '--omit', 'optional'];
  const more = ['--mc-type', 'application', '--output-reproducible', '--output-format', 'JSON', '--output-file', file];
  // Other projects of the workspace may be in the middle of a change of theirs; what npm finds amiss there is not about this image.
  const { code, output } = await run(tool, [...args, '--ignore-npm-errors', ...more], { cwd: workspaceFolder });
  if (code !== 0) throw new BillOfMaterialsError(`cyclonedx-npm: ${output.slice(-2000)}`);
  return componentsOf(await readFile(file, 'utf8'));
}

/**
 * The packages in a bill of materials, those inside others too.
 *
 * @throws {@link BillOfMaterialsError} when it is none.
 */
export function componentsOf(json: string): readonly Component[] {
  const bill: unknown = JSON.parse(json);
  if (!isRecord(bill) || bill.bomFormat !== 'CycloneDX') throw new BillOfMaterialsError('this is no CycloneDX');
  const found = inside(bill);
  const unique = new Map(found.map((component) => [`${component.name}@${component.version}`, component]));
  return [...unique.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function inside(value: Readonly<Record<string, unknown>>): readonly Component[] {
  const components: readonly unknown[] = Array.isArray(value.components) ? value.components : [];
  return components.filter(isRecord).flatMap((component) => {
    const { group, name, version } = component;
    const full = typeof group === 'string' && group !== '' ? `${group}/${String(name)}` : String(name);
    return [{ name: full, version: String(version) }, ...inside(component)];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
