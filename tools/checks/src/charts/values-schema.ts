import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { parse } from 'yaml';
import { chartsFolder } from './cases.ts';
import { chartSettings } from './chart-settings.ts';
import { valueSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

/** Schemas by the name of the value. */
type Values = Readonly<Record<string, JsonSchema>>;

/** A pod's port has to be known: the program's "0 lets the system choose" has no place in a chart. */
const port: JsonSchema = { type: ['integer', 'string'], minimum: 1, maximum: 65_535, pattern: '^\\d{1,5}$' };
const ports = new Set(['prometheusServerPort', 'probesServerPort']);

/**
 * The schema by which Helm refuses a typo or a wrong kind of value, with the value's name.
 *
 * @see https://helm.sh/docs/topics/charts/#schema-files
 */
export async function valuesSchema(program: Program): Promise<JsonSchema> {
  const file = await readFile(path.join(chartsFolder, 'kubernetes-values.yaml'), 'utf8');
  const ofKubernetes = parse(file) as Readonly<Record<Program | 'shared', Values>>;
  const settings = chartSettings(program).map(({ value, row }): [string, JsonSchema] => {
    const schema = valueSchema(row);
    return [value, ports.has(value) ? { description: schema.description ?? '', ...port } : schema];
  });
  const properties: Values = {
    ...ofKubernetes.shared,
    ...ofKubernetes[program],
    ...Object.fromEntries(settings),
  };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Values of the ${program} chart`,
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).sort(([one], [other]) => (one < other ? -1 : 1))),
    additionalProperties: false,
  };
}
