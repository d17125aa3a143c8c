import type { Setting } from '@node-termination-handler/settings';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { programs } from '../workspace.ts';
import { chartSettings, programDefault } from './chart-settings.ts';
import { valueSchema } from './json-schema.ts';

const rows = new Map(programs.flatMap(chartSettings).map((setting) => [setting.value, setting]));
const ajv = new Ajv({ allowUnionTypes: true });

/** What the chart takes; an empty text never reaches the program. */
const chartTakes = (row: Setting) => ajv.compile(valueSchema(row));
const programTakes = (row: Setting, value: unknown) => v.is(row.type.schema, String(value));

describe.each([...rows])('the schema of %s', (_, setting) => {
  const { row } = setting;

  it('takes an empty text and the default of the program', () => {
    const takes = chartTakes(row);
    expect(takes('')).toBe(true);
    const text = programDefault(setting);
    expect(takes(/^-?\d+$/.test(text) ? Number(text) : /^(true|false)$/.test(text) ? text === 'true' : text)).toBe(
      true,
    );
  });

  it('takes no boolean or number that the program refuses', () => {
    const takes = chartTakes(row);
    fc.assert(
      fc.property(fc.oneof(fc.boolean(), fc.integer(), fc.integer({ min: -2, max: 200_000 })), (value) => {
        if (takes(value)) expect(programTakes(row, value)).toBe(true);
      }),
    );
  });

  it('takes every number and word that the program takes', () => {
    const takes = chartTakes(row);
    const words = [
      'true',
      'none',
      'drain',
      'respect',
      'leave',
      'NoExecute',
      'debug',
      'auto',
      'grace',
      '5m',
      'received,failed',
      '/x',
      'http://a',
    ];
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -1, max: 200_000 }), fc.constantFrom(...words)), (value) => {
        if (!programTakes(row, value)) return;
        // A program takes 0 and 1 for false and true; a chart has booleans of its own.
        if (row.type.standsAlone === true && typeof value === 'number') return;
        // Texts that YAML reads as something else are that.
        const asYaml = value === 'true' ? true : value;
        expect(takes(asYaml) || takes(String(value))).toBe(true);
      }),
    );
  });
});

describe('valueSchema', () => {
  const schemaOf = (value: string) => valueSchema(rows.get(value)!.row);

  it('says what the value is for, in the words of the documentation', () => {
    expect(schemaOf('workers').description).toBe('Drains at the same time. Must be a whole number from 1 to 10000.');
  });

  it('refuses what is plainly wrong', () => {
    const wrong: [string, unknown][] = [
      ['dryRun', 'yes'],
      ['workers', 0],
      ['workers', '4 or 5'],
      ['queueURL', 'my-queue'],
      ['taintEffect', 'NoShedule'],
      ['webhookEvents', 'drained;failed'],
      ['heartbeatInterval', 29],
      ['podTerminationGracePeriod', -2],
      ['probesServerEndpoint', 'healthz'],
      ['logFormatVersion', 3],
      ['managedTag', 5],
    ];
    for (const [name, value] of wrong) expect(ajv.validate(schemaOf(name), value), name).toBe(false);
  });
});
