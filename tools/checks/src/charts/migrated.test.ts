import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import { valueRules } from '@node-termination-handler/nth-migrate';
import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { programs } from '../workspace.ts';
import { chartsFolder } from './cases.ts';
import { isRecord } from './manifests.ts';
import { formerValues, valuesSchema } from './values-schema.ts';

const goHandler = parse(await readFile(path.join(chartsFolder, 'go-handler-values.yaml'), 'utf8')) as object;
const rules = new Map(valueRules().map((rule) => [rule.value, rule]));

it("every value of the Go handler's chart has its rule", () => {
  expect(Object.keys(goHandler).filter((name) => !rules.has(name))).toEqual([]);
});

it.each(programs)('every value that %s refuses with an answer is known to the migration', async (program) => {
  expect(Object.keys(await formerValues(program)).filter((name) => !rules.has(name))).toEqual([]);
});

it.each(programs)(
  'a value that has the same name in %s has the same form there, or it is said what becomes of it',
  async (program) => {
    const { properties = {}, definitions = {} } = await valuesSchema(program);
    const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false });
    const unexplained = Object.entries(goHandler).filter(([name, value]: readonly [string, unknown]) => {
      const schema = properties[name];
      if (schema === undefined || rules.get(name)?.about !== '') return false;
      const given = isRecord(value)
        ? Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null))
        : value;
      return given !== null && !ajv.validate({ ...schema, definitions }, given);
    });
    expect(unexplained).toEqual([]);
  },
);

it('what is kept without a word has its name in a chart', async () => {
  const schemas = await Promise.all(programs.map(valuesSchema));
  const lost = [...rules.values()]
    .filter(({ fate, about }) => fate === 'kept' && about === '')
    .filter(({ value }) => !schemas.some(({ properties = {} }) => properties[value] !== undefined));
  expect(lost).toEqual([]);
});
