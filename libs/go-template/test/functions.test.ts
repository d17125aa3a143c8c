import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTemplate, SPRIG_REFUSED, sprigFunctions, TemplateError } from '../src/index.ts';
import { sprigFunctionsWithoutRegex } from '../src/sprig/without-regex.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** All that sprig has, as `go run . -functions` in the folder `golden` lists them. */
const all = read('sprig-functions.txt').trim().split('\n');
const goldenTemplates = (
  JSON.parse(read('golden.json')) as { readonly cases: readonly { readonly template: string }[] }[]
)
  .flatMap(({ cases }) => cases)
  .map(({ template }) => template);
const refused = Object.keys(SPRIG_REFUSED);
const funcs = sprigFunctions();
const withEnvironment = sprigFunctions({ env: {} });

describe("sprig's functions", () => {
  it('are all there, and no others', () => {
    expect(Object.keys(funcs).sort()).toEqual(all);
  });

  it('but those for regular expressions come without their engine', () => {
    const isForRegex = (name: string): boolean => /^(mustR|r)egex/.test(name);
    expect(Object.keys(sprigFunctionsWithoutRegex()).sort()).toEqual(all.filter((name) => !isForRegex(name)));
  });

  it.each(all.filter((name) => !refused.includes(name) || name.endsWith('env')))('%s has a golden case', (name) => {
    expect(goldenTemplates.some((template) => new RegExp(`(?<![.$"\\w])${name}(?!\\w)`).test(template))).toBe(true);
  });

  it.each(refused)('%s is refused by its name and with a reason, when the template is parsed', (name) => {
    const parse = () => parseTemplate(`first line\n{{ ${name} "x" }}`, { name: 'message', funcs });
    expect(parse).toThrow(TemplateError);
    expect(parse).toThrow(
      expect.objectContaining({
        phase: 'parse',
        position: { template: 'message', line: 2 },
        message: `template: message:2: function "${name}" is refused: ${SPRIG_REFUSED[name]}`,
      }),
    );
  });

  it('that are none are not defined, whatever JavaScript has of that name', () => {
    for (const name of ['nope', 'constructor', '__proto__', 'toString_', 'hasOwnProperty', 'valueOf']) {
      expect(() => parseTemplate(`{{ ${name} }}`, { funcs })).toThrow(`function "${name}" not defined`);
    }
  });

  it('give no variable of the environment but those that are given', () => {
    process.env.SECRET = 'secret';
    const template = parseTemplate('{{ env "SECRET" }}', { funcs: withEnvironment });
    expect(() => template.execute()).toThrow('error calling env: the variable "SECRET" is none of those allowed');
    const expanding = parseTemplate('{{ expandenv "a $SECRET" }}', { funcs: withEnvironment });
    expect(() => expanding.execute()).toThrow(
      'error calling expandenv: the variable "SECRET" is none of those allowed',
    );
    delete process.env.SECRET;
  });
});
