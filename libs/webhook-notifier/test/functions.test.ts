import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  compileTemplate,
  FUNCTIONS,
  REFUSED_FUNCTIONS,
  REGEX_FUNCTIONS,
  REGEX_NAMES,
  TemplateError,
} from '@node-termination-handler/go-template';
import { describe, expect, it } from 'vitest';

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** All that sprig has, as `go run . -functions` in tools/template-cases lists them. */
const sprigFunctions = read('sprig-functions.txt').trim().split('\n');
const goldenTemplates = (
  JSON.parse(read('golden.json')) as { readonly cases: readonly { readonly template: string }[] }[]
)
  .flatMap(({ cases }) => cases)
  .map(({ template }) => template);
const refused = Object.keys(REFUSED_FUNCTIONS);
const done = sprigFunctions.filter((name) => !refused.includes(name));

describe("sprig's functions", () => {
  it('are all there, or refused', () => {
    const known = new Set([...FUNCTIONS.keys(), ...REGEX_NAMES, ...refused]);
    expect(sprigFunctions.filter((name) => !known.has(name))).toEqual([]);
    expect(Object.keys(REGEX_FUNCTIONS).sort()).toEqual([...REGEX_NAMES].sort());
  });

  it.each(done)('%s has a golden case', (name) => {
    expect(goldenTemplates.some((template) => new RegExp(`(?<![.$"\\w])${name}(?!\\w)`).test(template))).toBe(true);
  });

  it.each(refused)('%s is refused by its name and with a reason, when the template is parsed', async (name) => {
    const compiled = compileTemplate('message', `first line\n{{ ${name} "x" }}`);
    await expect(compiled).rejects.toBeInstanceOf(TemplateError);
    await expect(compiled).rejects.toMatchObject({
      phase: 'parse',
      position: { template: 'message', line: 2 },
      message: `template: message:2: function "${name}" is refused in a webhook template: ${REFUSED_FUNCTIONS[name]}`,
    });
  });

  it('that are none are not defined, whatever JavaScript has of that name', async () => {
    for (const name of ['nope', 'constructor', '__proto__', 'toString_', 'hasOwnProperty', 'valueOf']) {
      await expect(compileTemplate('message', `{{ ${name} }}`)).rejects.toThrow(`function "${name}" not defined`);
    }
  });
});
