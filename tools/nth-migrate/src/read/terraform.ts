import { isValues } from '../values.ts';
import type { Values } from '../values.ts';
import { entriesOf, findValues, merged, ValuesFileError } from './find-values.ts';
import type { FoundValues } from './find-values.ts';
import { valuesOf } from './set-list.ts';

/**
 * The values in the `helm_release` of a Terraform file: its `set` blocks or list, `set_sensitive`, and `values` that are written out, as
 * text or by `yamlencode`. What Terraform has to work out (`file`, variables) is named, and left to people.
 *
 * @see https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release
 * @throws {@link ValuesFileError}
 */
export async function findTerraformValues(hcl: string): Promise<FoundValues> {
  const parsed = await parseHcl(hcl);
  const resources =
    isValues(parsed.resource) && isValues(parsed.resource.helm_release) ? parsed.resource.helm_release : {};
  const releases = Object.entries(resources).flatMap(([name, blocks]) =>
    (Array.isArray(blocks) ? blocks.filter(isValues) : []).map((block) => [name, block] as const),
  );
  const ours = releases.filter(([, { chart }]) => String(chart).includes('aws-node-termination-handler'));
  const [only] = ours.length > 0 ? ours : releases;
  if (only === undefined) throw new ValuesFileError('there is no helm_release in the Terraform file');
  if (ours.length > 1) {
    throw new ValuesFileError(
      `there are several releases: ${ours.map(([name]) => name).join(', ')}. Give one at a time`,
    );
  }
  return fromRelease(...only);
}

async function parseHcl(hcl: string): Promise<Values> {
  // Its WebAssembly is loaded for a Terraform file only.
  const { parse } = await import('@cdktn/hcl2json');
  try {
    return (await parse('main.tf', hcl)) as Values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ValuesFileError(`this is no Terraform: ${why}`, { cause });
  }
}

async function fromRelease(name: string, block: Values): Promise<FoundValues> {
  const elsewhere: string[] = [];
  const written: Values[] = [];
  for (const text of Array.isArray(block.values) ? (block.values as readonly unknown[]) : []) {
    const encoded = /^\$\{(?:yaml|json)encode\((\{[\s\S]*\})\)\}$/.exec(String(text))?.[1];
    if (encoded !== undefined) {
      const { values } = await parseHcl(`values = ${encoded}`);
      written.push(literals(isValues(values) ? values : {}, '', elsewhere));
    } else if (typeof text === 'string' && !text.includes('${')) written.push(findValues(text).values);
    else elsewhere.push(`values ${String(text)}`);
  }
  const entries = [...entriesOf(block.set), ...entriesOf(block.set_sensitive)];
  for (const entry of entries.filter(({ value }) => isExpression(value))) {
    elsewhere.push(`the value of ${entry.name}, ${String(entry.value)}`);
  }
  const known = valuesOf(entries.filter(({ value }) => !isExpression(value)));
  const values = [...written, known].reduce(merged, {});
  return { values, where: `the helm_release ${name}`, elsewhere };
}

/** What an object says by itself; what has to be worked out is named. */
function literals(values: Values, prefix: string, elsewhere: string[]): Values {
  const given = Object.entries(values).flatMap(([name, value]): readonly [string, unknown][] => {
    if (isValues(value)) return [[name, literals(value, `${prefix}${name}.`, elsewhere)]];
    if (!JSON.stringify(value).includes('${')) return [[name, value]];
    elsewhere.push(`the value of ${prefix}${name}, ${JSON.stringify(value)}`);
    return [];
  });
  return Object.fromEntries(given);
}

function isExpression(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${');
}
