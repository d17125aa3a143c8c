import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { migrate, report } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('has an example that does what it says', () => {
    const code = /```ts\n([\s\S]+?)```/.exec(readme)?.[1]?.replaceAll(/^import .*$/gm, '') ?? '';
    const lines: unknown[][] = [];
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the example is text
    new Function('migrate', 'report', 'console', code)(migrate, report, {
      log: (...words: unknown[]) => lines.push(words),
    });
    expect(lines[0]).toEqual(['queue-processor', { managedTag: 'mine' }]);
    expect(lines[1]?.[0]).toContain('# From the Go handler to this one');
  });

  it.each(['--out', '--key', '--keep-service-account', '--charts', '--no-render', '--force'])(
    'tells of %s',
    (option) => {
      expect(readme).toContain(`\`${option}`);
    },
  );
});
