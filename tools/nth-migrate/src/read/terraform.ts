import { isValues } from '../values.ts';
import type { Values } from '../values.ts';
import { entriesOf, findValues, ValuesFileError } from './find-values.ts';
import type { FoundValues } from './find-values.ts';
import { valuesOf } from './set-list.ts';

/**
 * The values in the `helm_release` of a Terraform file: its `set` blocks or list, `set_sensitive`, and `values` that are written out. What
 * Terraform has to work out (`yamlencode`, `file`, variables) is named, and left to people.
 *
 * @see https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release
 * @throws {@link ValuesFileError}
 */
export async function findTerraformValues(hcl: string): Promise<FoundValues> {
  // Its WebAssembly is loaded for a Terraform file only.
  const { parse } = await import('@cdktf/hcl2json');
  const parsed = (await parse('main.tf', hcl).catch((cause: unknown) => {
    throw new ValuesFileError(`this is no Terraform: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  })) as Values;
  const resources =
    isValues(parsed.resource) && isValues(parsed.resource.helm_release) ? parsed.resource.helm_release : {};
  const releases = Object.entries(resources).flatMap(([name, blocks]) =>
    (Array.isArray(blocks) ? blocks.filter(isValues) : []).map((block) => [name, block] as const),
  );
  const ours = releases.filter(([, { chart }]) => String(chart).includes('aws-node-termination-handler'));
  const [only] = ours.length > 0 ? ours : releases;
  if (only === undefined) throw new ValuesFileError('there is no helm_release in the Terraform file');
  if (ours.length > 1)
    throw new ValuesFileError(
      `there are several releases: ${ours.map(([name]) => name).join(', ')}. Give one at a time`,
    );
  return fromRelease(...only);
}

function fromRelease(name: string, block: Values): FoundValues {
  const elsewhere: string[] = [];
  const written: Values[] = [];
  for (const text of Array.isArray(block.values) ? (block.values as readonly unknown[]) : []) {
    if (typeof text === 'string' && !text.includes('${')) written.push(findValues(text).values);
    else elsewhere.push(`values ${String(text)}`);
  }
  const entries = [...entriesOf(block.set), ...entriesOf(block.set_sensitive)];
  for (const entry of entries) {
    if (String(entry.value).includes('${')) elsewhere.push(`the value of ${entry.name}, ${String(entry.value)}`);
  }
  const known = entries.filter(({ value }) => !String(value).includes('${'));
  const all = [...written, valuesOf(known)];
  return { values: Object.assign({}, ...all) as Values, where: `the helm_release ${name}`, elsewhere };
}
