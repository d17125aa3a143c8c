import type { Program } from '@node-termination-handler/settings';
import type { JsonSchema } from './json-schema.ts';
import { valueSchema } from './json-schema.ts';
import { chartSettings } from './chart-settings.ts';
import { agentValues, queueValues, sharedValues } from './kubernetes-values.ts';

/** A pod's port has to be known: the program's "0 lets the system choose" has no place in a chart. */
const port: JsonSchema = { type: ['integer', 'string'], minimum: 1, maximum: 65_535, pattern: '^\\d{1,5}$' };
const ports = new Set(['prometheusServerPort', 'probesServerPort']);

/**
 * The schema by which Helm refuses a typo or a wrong kind of value, with the value's name.
 *
 * @see https://helm.sh/docs/topics/charts/#schema-files
 */
export function valuesSchema(program: Program): JsonSchema {
  const settings = chartSettings(program).map(({ value, row }): [string, JsonSchema] => {
    const schema = valueSchema(row);
    return [value, ports.has(value) ? { description: schema.description ?? '', ...port } : schema];
  });
  const properties: Record<string, JsonSchema> = {
    ...sharedValues,
    ...(program === 'imds-agent' ? agentValues : queueValues),
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
