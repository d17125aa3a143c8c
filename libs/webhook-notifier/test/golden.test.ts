import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@node-termination-handler/clock';
import { TemplateError } from '@node-termination-handler/go-template';
import { describe, expect, it } from 'vitest';
import { parseBody } from '../src/template-body.ts';
import { emptyNotification, fullNotification } from '../src/testing/full-notification.ts';

interface GoldenCase {
  readonly template: string;
  readonly data?: 'empty';
  readonly output?: string;
  readonly error?: string;
}

const groups = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8')) as readonly {
  readonly group: string;
  readonly cases: readonly GoldenCase[];
}[];

async function outcome({ template, data }: GoldenCase): Promise<Pick<GoldenCase, 'output' | 'error'>> {
  try {
    const { render } = await parseBody(template, { clock: systemClock });
    return { output: render(data === 'empty' ? emptyNotification : fullNotification).toString() };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

// The cases were rendered where Go's local zone was UTC.
process.env.TZ = 'UTC';
const count = groups.reduce((sum, { cases }) => sum + cases.length, 0);

describe(`the golden table of ${count} cases on the data of webhooks`, () => {
  it('is as long as it was', () => {
    expect(count).toBe(139);
  });

  describe.each(groups)('$group: as Go renders it', ({ cases }) => {
    it.each(cases)('$template', async (golden) => {
      const { output = '', error } = golden;
      expect(await outcome(golden)).toEqual(error === undefined ? { output } : { error });
    });
  });
});
