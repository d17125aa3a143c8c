import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { parse } from 'yaml';
import { chartsFolder } from './cases.ts';
import { chartSettings } from './chart-settings.ts';
import { definitionsFile, referredTo } from './definitions.ts';
import { valueSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

/** Schemas by the name of the value. */
type Values = Readonly<Record<string, JsonSchema>>;

/** A pod's port has to be known: the program's "0 lets the system choose" has no place in a chart. */
const port: JsonSchema = { type: ['integer', 'string'], minimum: 1, maximum: 65_535, pattern: '^\\d{1,5}$' };
const ports = new Set(['prometheusServerPort', 'probesServerPort']);

/** Names that a chart refuses with an answer: https://helm.sh/docs/chart_template_guide/function_list/#fail */
export async function formerValues(program: Program): Promise<Readonly<Record<string, string>>> {
  const file = await readFile(path.join(chartsFolder, 'former-values.yaml'), 'utf8');
  const former = parse(file) as Readonly<Record<Program | 'shared', Readonly<Record<string, string>>>>;
  return { ...former.shared, ...former[program] };
}

/** The schemas of the values that become parts of Kubernetes objects. */
export async function kubernetesValues(program: Program): Promise<Values> {
  const file = await readFile(path.join(chartsFolder, 'kubernetes-values.yaml'), 'utf8');
  const values = parse(file) as Readonly<Record<Program | 'shared', Values>>;
  return { ...values.shared, ...values[program] };
}

/**
 * The schema by which Helm refuses a typo or a wrong kind of value, with the value's name.
 *
 * @see https://helm.sh/docs/topics/charts/#schema-files
 */
export async function valuesSchema(program: Program): Promise<JsonSchema> {
  const settings = chartSettings(program).map(({ value, row }): [string, JsonSchema] => {
    const schema = valueSchema(row);
    return [value, ports.has(value) ? { description: schema.description ?? '', ...port } : schema];
  });
  const former = Object.entries(await formerValues(program)).map(([name, answer]): [string, JsonSchema] => [
    name,
    { description: `Refused: ${answer}.` },
  ]);
  const properties: Values = {
    ...(await kubernetesValues(program)),
    ...Object.fromEntries(settings),
    ...Object.fromEntries(former),
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Values of the ${program} chart`,
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).sort(([one], [other]) => (one < other ? -1 : 1))),
    // Where people keep what their YAML anchors name.
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    definitions: await neededDefinitions(properties),
  };
}

/** Kubernetes' definitions that some schemas refer to, directly or by way of others. */
async function neededDefinitions(schemas: Values): Promise<Values> {
  const all = JSON.parse(await readFile(definitionsFile, 'utf8')) as Values;
  const needed = referredTo(schemas, all);
  return Object.fromEntries(Object.entries(all).filter(([name]) => needed.has(name)));
}
