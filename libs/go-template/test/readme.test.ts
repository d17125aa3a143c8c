import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILTINS } from '../src/funcs/builtins.ts';
import { DEFAULT_LIMITS, SPRIG_REFUSED, sprigFunctions } from '../src/index.ts';
import { REGEX_FUNCTIONS } from '../src/sprig/regex.ts';
import { sprigGroups } from '../src/sprig/without-regex.ts';
import { DURATION_METHODS, TIME_METHODS } from '../src/time/methods.ts';

const library = join(import.meta.dirname, '..');
const readme = readFileSync(join(library, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, text = '']) => text);

function run(example: string): string {
  // Within the library, so that its name leads to itself.
  mkdirSync(join(library, 'out-tsc'), { recursive: true });
  const folder = mkdtempSync(join(library, 'out-tsc/readme-'));
  try {
    const file = join(folder, 'example.ts');
    writeFileSync(file, example);
    return execFileSync(process.execPath, ['-C', '@node-termination-handler/source', file], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const codes = (names: Iterable<string>): string =>
  [...names]
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ');

describe("the README's examples", () => {
  it('print what they say', () => {
    const [start = '', data = '', own = ''] = examples;
    expect(run(start)).toBe(/```text\n(.*?)```/s.exec(readme)?.[1]);
    expect(run(data)).toBe('Hi, Ada! Ada Lovelace 2 Jan 04:04 CET shop.User [tea]\n');
    expect(run(own)).toBe('***News***\n');
    expect(examples).toHaveLength(3);
  }, 60_000);
});

describe('the README', () => {
  it.each(Object.entries({ ...sprigGroups(), 'Regular expressions': REGEX_FUNCTIONS }))(
    'lists the functions for %s',
    (subject, functions) => {
      expect(readme).toContain(`\n- **${subject}**: ${codes(Object.keys(functions))}\n`);
    },
  );

  it('lists what else there is, and what is refused', () => {
    expect(readme).toContain(`: ${codes(BUILTINS.keys())}.\n`);
    expect(readme).toContain(codes(Object.keys(SPRIG_REFUSED).filter((name) => !name.endsWith('env'))));
    expect(readme).toContain(`Methods of \`time.Time\`: ${codes(TIME_METHODS.keys())}`);
    expect(readme).toContain(`Methods of \`time.Duration\`: ${codes(DURATION_METHODS.keys())}`);
    expect(Object.keys(sprigFunctions()).length).toBeGreaterThan(200);
  });

  it.each(Object.entries<number>({ ...DEFAULT_LIMITS }))('names the default of %s', (name, value) => {
    expect(readme).toContain(`| \`${name}\` | ${value.toLocaleString('en-US')} |`);
  });
});
