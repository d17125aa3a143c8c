import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileTemplate, fromDate, TemplateError } from '@node-termination-handler/go-template';
import { describe, expect, it } from 'vitest';
import { eventMethods, eventValue } from '../src/data/event-value.ts';
import { emptyNotification, fullNotification } from '../src/testing/full-notification.ts';

interface GoldenCase {
  readonly template: string;
  readonly data?: 'empty';
  readonly output?: string;
  readonly bytes?: string;
  readonly error?: string;
}

const groups = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8')) as readonly {
  readonly group: string;
  readonly cases: readonly GoldenCase[];
}[];

const now = () => fromDate(new Date('2026-11-23T00:00:00Z'));

async function outcome(
  template: string,
  notification: typeof fullNotification,
): Promise<Pick<GoldenCase, 'bytes' | 'error'>> {
  try {
    const compiled = await compileTemplate('message', template);
    const bytes = compiled.execute(eventValue(notification), { now, structMethods: eventMethods(notification) });
    return { bytes: Buffer.from(bytes, 'latin1').toString('base64') };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

/** What JavaScript says of a text that is no JSON is not what Go says; that it is none, and where, has to be the same. */
function worded(error: string | undefined): string | undefined {
  return error?.replace(/(?<=error calling mustFromJson: ).*/s, '…');
}

// The cases were rendered where Go's local zone was UTC.
process.env.TZ = 'UTC';
const count = groups.reduce((sum, { cases }) => sum + cases.length, 0);

describe(`the golden table of ${count} cases`, () => {
  it('is as long as it was', () => {
    expect(count).toBeGreaterThanOrEqual(850);
  });

  describe.each(groups)('$group: as Go renders it', ({ cases }) => {
    it.each(cases)('$template', async ({ template, data, output = '', bytes, error }) => {
      const actual = await outcome(template, data === 'empty' ? emptyNotification : fullNotification);
      const decoded = actual.bytes === undefined ? actual : { output: Buffer.from(actual.bytes, 'base64').toString() };
      if (error !== undefined) expect({ error: worded(actual.error) }).toEqual({ error: worded(error) });
      else expect(bytes === undefined ? decoded : actual).toEqual(bytes === undefined ? { output } : { bytes });
    });
  });
});
