import { describe, expect, it } from 'vitest';
import { func, INT, parseTemplate, refused, sprigFunctions, STRING, TemplateError } from './index.ts';

/** What is thrown. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a template', () => {
  it('is run on data as often as wanted, and does not change it', () => {
    const template = parseTemplate('{{ $_ := set .user "name" "Eve" }}{{ .user.name }} {{ .list | sortAlpha }}', {
      funcs: sprigFunctions(),
    });
    const data = { user: { name: 'Ada' }, list: ['b', 'a'] };
    expect(template.execute(data)).toBe('Eve [a b]');
    expect(template.execute(data)).toBe('Eve [a b]');
    expect(data).toEqual({ user: { name: 'Ada' }, list: ['b', 'a'] });
  });

  it('has a name, which errors say', () => {
    expect(parseTemplate('').name).toBe('template');
    expect(parseTemplate('', { name: 'ünï' }).name).toBe('ünï');
    expect(() => parseTemplate('{{ nope }}', { name: 'ünï' })).toThrow('template: ünï:1: function "nope" not defined');
  });

  it('gives text, and the bytes that are none as U+FFFD; or the bytes themselves', () => {
    const template = parseTemplate('{{ trunc 1 .text }}', { funcs: sprigFunctions() });
    expect(template.execute({ text: 'é' })).toBe('\ufffd');
    expect([...template.executeBytes({ text: 'é' })]).toEqual([0xc3]);
    expect(parseTemplate('{{ . }}').execute('\ufeffa\ud800b')).toBe('\ufeffa\ufffdb');
    const long = '€'.repeat(100_000);
    expect(parseTemplate('{{ . }}').execute(long)).toBe(long);
  });

  it('tells what a function is called with as it stands there, wherever that is', () => {
    const funcs = sprigFunctions({ env: { A: '' } });
    const template = parseTemplate(
      '{{ define "other" }}{{ if eq (env "A") (print `env "none"`) }}\n{{ else }}{{ "B" | env }}{{ end }}{{ end }}' +
        '{{/* env "none" */}}{{ range .list }}{{ $x := env `é` }}{{ env $x }}{{ env (print "none") }}{{ end }}',
      { funcs },
    );
    expect(template.literalArguments('env')).toEqual([
      { text: 'A', line: 1 },
      { text: 'B', line: 2 },
      { text: 'é', line: 2 },
    ]);
    expect(template.literalArguments('expandenv')).toEqual([]);
  });

  it('says line, column and what Go says when it fails', () => {
    const template = parseTemplate('one\n  {{ .a.b.c }}', { name: 'greeting' });
    const error = thrownBy(() => template.execute({ a: { b: 1 } }));
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({
      phase: 'execute',
      position: { template: 'greeting', line: 2, column: 7 },
      message: 'template: greeting:2:7: executing "greeting" at <.a.b.c>: can\'t evaluate field c in type interface {}',
      limit: undefined,
    });
    expect(error).not.toHaveProperty('cause');
  });

  it('says the line when it does not parse', () => {
    expect(thrownBy(() => parseTemplate('\n{{ if }}'))).toMatchObject({
      phase: 'parse',
      position: { template: 'template', line: 2 },
      message: 'template: template:2: missing value for if',
    });
  });

  it('takes the usual delimiters where one is empty, as in Go', () => {
    expect(parseTemplate('{{ . >>', { delims: ['', '>>'] }).execute(1)).toBe('1');
    expect(parseTemplate('<< . }}', { delims: ['<<', ''] }).execute(1)).toBe('1');
  });

  it('that nests too deep for the stack is an error of its own, not of the program', () => {
    const nested = `{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}`;
    const template = parseTemplate(nested, { limits: { depth: 1_000_000 } });
    const error = thrownBy(() => template.execute());
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toHaveProperty('cause', expect.any(RangeError));
  });
});

describe('a function of the caller', () => {
  it('gets JavaScript values, and what it gives back becomes a Go value', () => {
    const seen: unknown[] = [];
    const see = (...args: unknown[]) => {
      seen.push(...args);
      return { answer: [args.length, 'é'] };
    };
    const template = parseTemplate('{{ (see 1 2.5 "é" true nil .).answer }}', { funcs: { see } });
    expect(template.execute({ a: [1] })).toBe('[6 é]');
    expect(seen).toEqual([1, 2.5, 'é', true, null, new Map([['a', [1]]])]);
  });

  it('goes before one of text/template', () => {
    expect(parseTemplate('{{ len "abc" }}', { funcs: { len: () => 'mine' } }).execute()).toBe('mine');
  });

  it('is a fault of the template when it throws, with the cause', () => {
    const cause = new Error('ünpossible');
    const template = parseTemplate('{{ fails }}', {
      funcs: {
        fails: () => {
          throw cause;
        },
      },
    });
    expect(thrownBy(() => template.execute())).toMatchObject({
      message: 'template: template:1:3: executing "template" at <fails>: error calling fails: ünpossible',
      cause,
    });
  });

  it('may throw what is no error', () => {
    const fails = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what JavaScript allows
      throw 'just words';
    };
    expect(() => parseTemplate('{{ fails }}', { funcs: { fails } }).execute()).toThrow(
      'error calling fails: just words',
    );
  });

  it("can't be one that is waited for", () => {
    const template = parseTemplate('{{ later }}', { funcs: { later: () => Promise.resolve(1) } });
    expect(() => template.execute()).toThrow('error calling later: its result is a value of class Promise');
  });

  it('with Go types has its arguments checked as Go does', () => {
    const funcs = {
      times: func({ params: [STRING, INT] }, (text, count) => text.repeat(count)),
      sum: func({ params: [INT], variadic: INT }, (first, ...others) => others.reduce((a, b) => a + b, first)),
    };
    const run = (text: string) => parseTemplate(text, { funcs }).execute();
    expect(run('{{ times "ab" 2 }} {{ sum 1 }} {{ 3 | sum 1 2 }}')).toBe('abab 1 6');
    expect(() => run('{{ times "ab" }}')).toThrow('wrong number of args for times: want 2 got 1');
    expect(() => run('{{ times 1 2 }}')).toThrow('expected string; found 1');
    expect(() => run('{{ times "ab" (print 2) }}')).toThrow('wrong type for value; expected int; got string');
    expect(() => run('{{ sum }}')).toThrow('wrong number of args for sum: want at least 1 got 0');
  });

  it('can be refused by name, with a reason', () => {
    const funcs = { ...sprigFunctions(), uuidv4: refused('results must be the same each time') };
    expect(() => parseTemplate('{{ uuidv4 }}', { funcs })).toThrow(
      'function "uuidv4" is refused: results must be the same each time',
    );
  });

  it('is found by its own name alone', () => {
    expect(() => parseTemplate('{{ toString }}', { funcs: {} })).toThrow('function "toString" not defined');
  });
});
