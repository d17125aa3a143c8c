import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTemplate, sprigFunctions, TemplateError } from '../src/index.ts';
import type { MissingKey } from '../src/index.ts';
import { goldenData } from './golden-data.ts';

interface GoldenCase {
  readonly template: string;
  /** The name of the data. */
  readonly data?: string;
  readonly missingKey?: MissingKey;
  readonly delims?: readonly [string, string];
  /** Without sprig's functions. */
  readonly plain?: boolean;
  readonly output?: string;
  readonly bytes?: string;
  readonly error?: string;
}

const groups = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8')) as readonly {
  readonly group: string;
  readonly cases: readonly GoldenCase[];
}[];

// The cases were rendered where Go's local zone was UTC, and the environment had these.
process.env.TZ = 'UTC';
const sprig = sprigFunctions({
  now: () => new Date('2026-11-23T00:00:00Z'),
  env: { CITY: 'Gent', EMPTY: '', A_1: 'é', NOT_SET: undefined },
});

function outcome({ template, data = '', missingKey, delims, plain }: GoldenCase): Pick<GoldenCase, 'bytes' | 'error'> {
  try {
    const parsed = parseTemplate(template, {
      name: 'message',
      funcs: plain === true ? {} : sprig,
      ...(missingKey === undefined ? {} : { missingKey }),
      ...(delims === undefined ? {} : { delims }),
    });
    return { bytes: Buffer.from(parsed.executeBytes(goldenData[data])).toString('base64') };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

/** What JavaScript says of a text that is no JSON is not what Go says; that it is none, and where, has to be the same. */
function worded(error: string | undefined): string | undefined {
  return error?.replace(/(?<=error calling mustFromJson: ).*/s, '…');
}

const count = groups.reduce((sum, { cases }) => sum + cases.length, 0);

describe(`the golden table of ${count} cases`, () => {
  it('is as long as it was', () => {
    expect(count).toBe(1389);
  });

  describe.each(groups)('$group: as Go renders it', ({ cases }) => {
    it.each(cases)('$template', (golden) => {
      const { output = '', bytes, error } = golden;
      const actual = outcome(golden);
      const decoded = actual.bytes === undefined ? actual : { output: Buffer.from(actual.bytes, 'base64').toString() };
      if (error !== undefined) expect({ error: worded(actual.error) }).toEqual({ error: worded(error) });
      else expect(bytes === undefined ? decoded : actual).toEqual(bytes === undefined ? { output } : { bytes });
    });
  });
});
