import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, parseTemplate, sprigFunctions, TemplateError } from '../src/index.ts';
import { BUILTINS } from '../src/funcs/builtins.ts';
import type { TemplateLimits } from '../src/index.ts';
import { fullEntry } from './golden-data.ts';

const funcs = sprigFunctions({ now: () => new Date(0) });

/** The message of the error a template ends with; what it writes, if it ends otherwise. */
function endOf(template: string, limits: Partial<TemplateLimits> = {}): string {
  try {
    return parseTemplate(template, { name: 'message', funcs, limits }).execute(fullEntry);
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

describe('a template that asks for too much', () => {
  it.each([
    ['a long text', '{{ repeat 100000000 "x" }}', 'result is longer than 1048576 bytes'],
    [
      'a text doubled often',
      '{{ $x := "xxxxxxxx" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}',
      'result is longer',
    ],
    ['wide padding', '{{ printf "%1000000d%1000000d" 1 2 }}', 'result is longer'],
    ['a precise number', '{{ printf "%.1000000f%.1000000f" 1.5 1.5 }}', 'result is longer'],
    ['a text replaced into itself', '{{ $x := repeat 5000 "x" }}{{ replace "x" $x $x }}', 'result is longer'],
    ['a long list', '{{ until 1000000000 }}', 'list is longer than 100000 items'],
    ['a long sequence', '{{ seq 1 1000000000 }}', 'list is longer'],
    ['a list in many pieces', '{{ splitList "" (repeat 200000 "x") }}', 'list is longer'],
    [
      'a list appended to itself',
      '{{ $x := until 1000 }}{{ range until 20 }}{{ $x = concat $x $x }}{{ end }}',
      'list is longer',
    ],
    ['many random letters', '{{ randAlpha 100000000 }}', 'result is longer'],
    ['deep indents', '{{ indent 100000 (repeat 1000 "\\n") }}', 'result is longer'],
    ['long joins', '{{ join (repeat 10000 "x") (until 1000) }}', 'result is longer'],
    ['much output', '{{ range 1000000 }}{{ $.Description }}{{ end }}', 'result is longer'],
    ['a loop without end', '{{ range 9223372036854775807 }}{{ end }}', 'template takes too long'],
    ['loops in loops', '{{ range 10000 }}{{ range 10000 }}{{ end }}{{ end }}', 'template takes too long'],
    [
      'itself',
      '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
      'exceeded maximum template depth (200)',
    ],
    [
      'a map in itself',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ print $d }}',
      'value is nested too deep to be printed',
    ],
    ['a map in itself as JSON', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToJson $d }}', 'encountered a cycle'],
    ['a map in itself, copied', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}', 'nested too deep'],
    [
      'maps in themselves, compared',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ deepEqual $d $e }}',
      'nested too deep',
    ],
    [
      'maps in themselves, merged',
      '{{ $d := dict "a" 1 }}{{ $_ := set $d "d" $d }}{{ $e := dict "b" 1 }}{{ $_ := set $e "d" $e }}{{ merge $d $e | len }}',
      'nested too deep',
    ],
    ['deep parentheses', `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`, 'max expression depth exceeded'],
    ['deep actions', '{{ if true }}'.repeat(5000) + '{{ end }}'.repeat(5000), 'actions are nested too deep'],
    [
      'a long chain of else',
      `{{ if false }}${'{{ else if false }}'.repeat(5000)}{{ end }}`,
      'actions are nested too deep',
    ],
    ['deep JSON', '{{ fromJson (print (repeat 50000 "[") (repeat 50000 "]")) }}', 'nested too deep'],
    [
      'a pattern without end',
      '{{ regexMatch (repeat 2000 "a?") "a" }}{{ mustRegexMatch (repeat 2000 "a?") "a" }}',
      'expression is longer',
    ],
    [
      'a nasty constraint',
      `{{ semverCompare (print (repeat 80 "1 , ") "!") "1.2.3" }}`,
      'constraint is longer than 256 characters',
    ],
    ['wrapped text', '{{ wrapWith 1 (repeat 1000 "-") (repeat 10000 "x") }}', 'result is longer'],
  ])('%s', (_what, template, message) => {
    expect(endOf(template)).toContain(message);
  });

  const doubled = (first: string, second: string) =>
    `{{ $d := list 1 }}{{ $e := list 1 }}{{ range until 60 }}{{ $d = ${first} }}{{ $e = ${second} }}{{ end }}`;

  it.each([
    ['lists that hold each other twice, compared', `${doubled('list $d $d', 'list $e $e')}{{ deepEqual $d $e }}`],
    ['lists that hold each other twice, copied', `${doubled('list $d $d', '$d')}{{ deepCopy $d | len }}`],
    [
      'maps that hold each other twice, merged',
      `${doubled('dict "a" $d "b" $d', 'dict "a" $e "b" $e')}{{ merge $d $e | len }}`,
    ],
    ['empty lists that hold each other twice, as JSON', `${doubled('list $d $d', '$d')}{{ mustToJson $d | len }}`],
    [
      'long texts hashed again and again',
      '{{ $t := repeat 1000000 "x" }}{{ range 1000 }}{{ $_ := sha512sum $t }}{{ end }}',
    ],
    [
      'an expression that looks at all the rest for each match',
      '{{ regexReplaceAll "(a*b)|a" (repeat 100000 "a") "" }}',
    ],
    ['a large expression on a long text', '{{ regexMatch "(a?){500}[bc]" (repeat 1000000 "a") }}'],
    ['a long list searched again and again', '{{ $l := until 100000 }}{{ range 1000 }}{{ $_ := has "x" $l }}{{ end }}'],
    [
      'a large map begun again and again',
      '{{ $m := dict }}{{ range until 20000 }}{{ $_ := set $m (toString .) 1 }}{{ end }}{{ range 1000 }}{{ range $m }}{{ break }}{{ end }}{{ end }}',
    ],
  ])('%s', (_what, template) => {
    // Fewer steps than by default, for the test's time.
    expect(endOf(template, { steps: 200_000 })).toMatch(/template takes too long$|result is longer than \d+ bytes$/);
  });

  it('is not one that writes as much as it may', () => {
    expect(endOf(`{{ repeat ${DEFAULT_LIMITS.textBytes} "x" }}`)).toHaveLength(DEFAULT_LIMITS.textBytes);
  });

  it('ends soon when the pattern is one that other engines go astray on', () => {
    expect(endOf('{{ regexMatch "^(([a-z])+.)+[A-Z]([a-z])+$" (repeat 5000 "a") }}')).toBe('false');
    expect(endOf('{{ semverCompare (print (repeat 50 "1, ") "!") "1.2.3" }}')).toContain('improper constraint');
  });
});

describe('any template', () => {
  const names = [...BUILTINS.keys(), ...Object.keys(funcs).filter((name) => 'call' in (funcs[name] ?? {}))];
  const literal = fc.oneof(
    fc.constantFrom(
      '.',
      '$',
      'nil',
      'true',
      '.Steps',
      '.Labels',
      '.StartTime',
      '.Nope',
      '.__proto__',
      '$x',
      '1i',
      '(list)',
      '(dict)',
    ),
    fc.constantFrom(
      '.constructor',
      '.StartTime.Unix',
      '(.EndTime.Sub .StartTime)',
      '(semver "1.2.3")',
      '.BeforeRun',
      '(list 1 "a" nil)',
    ),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.string().map((text) => JSON.stringify(text)),
    fc.stringMatching(/^[%\[\]*.0-9a-zA-Z+# -]{0,12}$/).map((format) => JSON.stringify(format)),
  );
  const command = fc
    .tuple(fc.constantFrom(...names), fc.array(literal, { maxLength: 4 }))
    .map(([name, args]) => [name, ...args].join(' '));
  const pipeline = fc.array(command, { minLength: 1, maxLength: 3 }).map((commands) => commands.join(' | '));
  const action = fc.oneof(
    pipeline.map((text) => `{{ ${text} }}`),
    pipeline.map((text) => `{{ $x := ${text} }}{{ $x }}`),
    pipeline.map((text) => `{{ range ${text} }}{{ . }}{{ else }}-{{ end }}`),
    pipeline.map((text) => `{{ with ${text} }}{{ . }}{{ toJson . }}{{ end }}`),
    pipeline.map((text) => `{{ if (${text}) }}y{{ else }}n{{ end }}`),
  );

  it('that is well formed ends, with text or with a template error', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 3 }), (actions) => {
        expect(typeof endOf(actions.join(' '))).toBe('string');
      }),
      { numRuns: 1500 },
    );
  }, 60_000);

  it('of any characters ends, with text or with a template error', () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        '{{',
        '}}',
        '{{-',
        '-}}',
        '(',
        ')',
        '|',
        ':=',
        '=',
        ',',
        '.',
        '$',
        '"',
        "'",
        '`',
        '/*',
        '*/',
        ' ',
        '\n',
      ),
      fc.constantFrom(
        'if',
        'else',
        'end',
        'range',
        'with',
        'define',
        'block',
        'template',
        'break',
        'continue',
        'nil',
        'len',
        '1',
        '0x',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        expect(typeof endOf(parts.join(''))).toBe('string');
        expect(typeof endOf(`{{ ${parts.join('')} }}`)).toBe('string');
      }),
      { numRuns: 1500 },
    );
  }, 60_000);

  it('leaves the prototypes of JavaScript as they are', () => {
    endOf(
      '{{ $d := dict "__proto__" (dict "polluted" 1) }}{{ $_ := set $d "constructor" 1 }}{{ merge (dict) $d | toJson | fromJson }}',
    );
    endOf('{{ range $k, $v := fromJson "{\\"__proto__\\":{\\"polluted\\":1}}" }}{{ $k }}{{ end }}');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('the limits', () => {
  const failure = (template: string, limits: object): unknown => {
    try {
      return parseTemplate(template, { name: 'message', funcs, limits }).execute();
    } catch (error) {
      return error;
    }
  };

  it.each([
    ['textBytes', '{{ repeat 11 "x" }}', 10],
    ['listItems', '{{ until 11 }}', 10],
    ['steps', '{{ range 20 }}{{ end }}', 10],
    ['steps', '{{ uniq (until 100) }}', 1000],
    ['depth', '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}', 10],
    ['depth', '{{ $d := dict }}{{ range 12 }}{{ $d = list $d }}{{ end }}{{ print $d }}', 10],
  ])('%s can be set, and the error says which it was: %s', (limit, template, value) => {
    expect(failure(template, { [limit]: value })).toMatchObject({ name: 'TemplateError', phase: 'execute', limit });
    expect(typeof failure(template, {})).toBe(limit === 'depth' && template.includes('define') ? 'object' : 'string');
  });

  it('of one template do not hold for another one that runs within it', () => {
    const inner = parseTemplate('{{ repeat 20 "x" }}', { funcs });
    const outer = parseTemplate('{{ len (inner) }} {{ repeat 10 "x" }}', {
      funcs: { ...funcs, inner: () => inner.execute() },
      limits: { textBytes: 20 },
    });
    expect(outer.execute()).toBe('20 xxxxxxxxxx');
    const tight = parseTemplate('{{ inner }}', { funcs: { inner: () => inner.execute() }, limits: { textBytes: 10 } });
    expect(() => tight.execute()).toThrow(expect.objectContaining({ limit: 'textBytes' }));
  });
});
