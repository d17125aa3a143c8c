import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { SettingType } from '../setting.ts';
import { boolean } from './choice.ts';
import { choice, choices, numberChoice } from './choice.ts';
import { parseDurationSeconds, formatDurationSeconds, wordOrDuration } from './numbers.ts';
import { hookNames, isNamedBy } from './globs.ts';
import { annotations, headers, tag, variableNames } from './key-values.ts';
import { integer, integerAutoOrUnset, integerOrUnset, positiveNumber } from './numbers.ts';
import { host, line, objectName, urlPath, verbatim } from './text.ts';
import { environmentProxyUrl, proxyUrl, queueUrl, url, withoutCredentials } from './text.ts';

// fc.string's own unit of any code point takes seconds to set up.
const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points));

const refused = Symbol('refused');
function read<T>(type: SettingType<T>, text: string): T | typeof refused {
  const parsed = v.safeParse(type.schema, text);
  return parsed.success ? parsed.output : refused;
}
function refuses(type: SettingType<unknown>, ...texts: string[]): void {
  for (const text of texts) expect(read(type, text), JSON.stringify(text)).toBe(refused);
}

describe('boolean', () => {
  it("takes the words of Go's ParseBool", () => {
    for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True', ' true\n']) expect(read(boolean(), text)).toBe(true);
    for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False']) expect(read(boolean(), text)).toBe(false);
    refuses(boolean(), 'yes', 'no', 'on', 'tRUE', '2', 'truefalse', ' ');
    expect(boolean().format(true)).toBe('true');
  });
});

describe('the URL of a queue', () => {
  it('is that of a standard queue (A12)', () => {
    const standard = 'https://sqs.eu-west-1.amazonaws.com/123456789012/interruptions';
    expect(read(queueUrl(), ` ${standard}\n`)).toBe(standard);
    expect(read(queueUrl(), `${standard}.fifo-like`)).toBe(`${standard}.fifo-like`);
    refuses(queueUrl(), `${standard}.fifo`, `${standard}.fifo?x=1`, 'interruptions', 'arn:aws:sqs:eu-west-1:1:q');
    expect(queueUrl().allowed).toContain('FIFO');
  });
});

describe('numbers', () => {
  it('are whole and within their range', () => {
    const type = integer({ min: -2, max: 30 });
    expect(['-2', '0', '+7', ' 30\n', '007'].map((text) => read(type, text))).toEqual([-2, 0, 7, 30, 7]);
    refuses(type, '-3', '31', '1.0', '1e1', '0x1', '1_0', '', ' ', '٣', 'NaN', 'Infinity', '9'.repeat(400));
    expect(type.format(7)).toBe('7');
  });

  it('may be fractions where that makes sense', () => {
    expect(['0.5', '5', '+5'].map((text) => read(positiveNumber(), text))).toEqual([0.5, 5, 5]);
    refuses(positiveNumber(), '0', '0.0', '-1', '.5', '5.', '1e3');
    expect(positiveNumber().format(0.5)).toBe('0.5');
  });

  it('may be unset by -1', () => {
    const type = integerOrUnset({ min: 30, max: 60 });
    expect(['-1', ' -1 ', '30'].map((text) => read(type, text))).toEqual([undefined, undefined, 30]);
    refuses(type, '-2', '29', '61', 'auto');
    expect([type.format(undefined), type.format(30)]).toEqual(['-1', '30']);
  });

  it('may be auto', () => {
    const type = integerAutoOrUnset({ min: 30, max: 60 });
    expect(['auto', ' AUTO ', '-1', '30'].map((text) => read(type, text))).toEqual(['auto', 'auto', undefined, 30]);
    refuses(type, 'automatic', '29');
    expect([type.format('auto'), type.format(undefined)]).toEqual(['auto', '-1']);
  });

  it('are what was written, for every whole number in the range', () => {
    const type = integer({ min: -1_000, max: 1_000 });
    fc.assert(
      fc.property(fc.integer({ min: -2_000, max: 2_000 }), (value) => {
        expect(read(type, String(value))).toBe(Math.abs(value) <= 1_000 ? value : refused);
      }),
    );
  });
});

describe('a tag', () => {
  it('is a key with any value, or with one (A17)', () => {
    expect(read(tag(), ' aws-node-termination-handler/managed ')).toEqual({
      key: 'aws-node-termination-handler/managed',
    });
    expect(read(tag(), 'team/managed=yes')).toEqual({ key: 'team/managed', value: 'yes' });
    expect(read(tag(), 'managed=')).toEqual({ key: 'managed', value: '' });
    expect(read(tag(), 'managed = a=b ')).toEqual({ key: 'managed', value: 'a=b' });
    refuses(tag(), '', '=', '=yes', ' =yes', 'a\nb', 'k'.repeat(129), `k=${'v'.repeat(257)}`);
    expect(
      [{ key: 'a' }, { key: 'a', value: '' }, { key: 'a', value: 'b' }].map((value) => tag().format(value)),
    ).toEqual(['a', 'a=', 'a=b']);
  });
});

describe('choices', () => {
  it('do not care for upper and lower case, and come out as they should be', () => {
    const type = choice('NoSchedule', 'NoExecute');
    expect(read(type, ' noschedule ')).toBe('NoSchedule');
    refuses(type, '', 'No', 'NoScheduleX', 'NoSchedule,NoExecute');
    expect(type.format('NoExecute')).toBe('NoExecute');
  });

  it('may be several, each once', () => {
    const type = choices('received', 'drained', 'failed');
    expect(read(type, 'Failed, received,failed')).toEqual(['received', 'failed']);
    refuses(type, '', 'received,', 'received drained', 'gone');
    expect(type.format(['received', 'failed'])).toBe('received,failed');
  });

  it('may be numbers', () => {
    expect(read(numberChoice(1, 2), ' 2')).toBe(2);
    refuses(numberChoice(1, 2), '0', '3', 'two', '1.5');
    expect(numberChoice(1, 2).format(2)).toBe('2');
  });
});

describe('durations', () => {
  it.each([
    ['0', 0],
    ['90', 90],
    ['90s', 90],
    ['5m', 300],
    ['1h30m', 5_400],
    ['2d', 172_800],
    ['1d2h3m4s', 93_784],
  ])('reads %s as %d seconds', (text, seconds) => {
    expect(parseDurationSeconds(text)).toBe(seconds);
  });

  it.each(['', ' ', 'm', '5 m', '-5m', '1.5h', '5ms', '30m1h', '5mm', '1h1h'])('does not read %j', (text) => {
    expect(parseDurationSeconds(text)).toBeUndefined();
  });

  it('reads what it writes', () => {
    expect(formatDurationSeconds(0)).toBe('0s');
    expect(formatDurationSeconds(5_400)).toBe('1h30m');
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        expect(parseDurationSeconds(formatDurationSeconds(seconds))).toBe(seconds);
      }),
    );
  });

  it('may be a word', () => {
    const type = wordOrDuration('immediate', 'grace');
    expect(['Immediate', 'grace', '5m'].map((text) => read(type, text))).toEqual(['immediate', 'grace', 300]);
    refuses(type, 'later', '', '-1');
    expect([type.format('grace'), type.format(300)]).toEqual(['grace', '5m']);
  });
});

describe('text', () => {
  it('of a line is trimmed and has no control characters', () => {
    expect(read(line(), ' a b\n')).toBe('a b');
    refuses(line(), 'a\nb', 'a\u0000', 'a\u001b[2J', 'a\u0085b', 'a\u2028b');
    expect(line().format('a')).toBe('a');
  });

  it('of a template stays as it is', () => {
    expect(read(verbatim(), ' {{ .X }}\n')).toBe(' {{ .X }}\n');
    expect(verbatim().format(' x')).toBe(' x');
  });

  it('of a path begins with a slash', () => {
    expect(read(urlPath(), '/healthz')).toBe('/healthz');
    refuses(urlPath(), 'healthz', '/a b', '/a?b', '/a#b', '');
    expect(urlPath().format('/x')).toBe('/x');
  });

  it('of a host is a name or an address', () => {
    for (const text of ['kubernetes.default.svc', '10.0.0.1', 'fd00::1', '[fd00::1]']) {
      expect(read(host(), text)).toBe(text);
    }
    refuses(host(), 'a/b', 'a@b', 'a b', '');
    expect(host().format('a')).toBe('a');
  });

  it('of a name of a Kubernetes object is one that the API server would take', () => {
    const lease = objectName('the name of a Lease');
    for (const text of ['nth-queue-processor', 'a', ' a.b-1\n', 'a'.repeat(253)]) {
      expect(read(lease, text)).toBe(text.trim());
    }
    refuses(lease, '', 'A', '-a', 'a-', 'a/b', 'a_b', '..', 'a'.repeat(254));
    expect(lease.format('a')).toBe('a');
  });
});

describe('URLs', () => {
  it('are absolute and of HTTP, and stay as they are', () => {
    const given = [
      'http://169.254.169.254',
      'http://[fd00:ec2::254]',
      'https://sqs.x.amazonaws.com/1/Q',
      ' http://a\n',
    ];
    expect(given.map((text) => read(url(), text))).toEqual(given.map((text) => text.trim()));
    refuses(url(), 'a', '/a', 'ftp://a', 'file:///etc/passwd', 'http://', 'http://a b', 'http://a\nb', 'javascript:1');
  });

  it('of a proxy may say tcp', () => {
    expect(read(proxyUrl(), 'tcp://10.0.0.1:3128')).toBe('http://10.0.0.1:3128');
    expect(read(proxyUrl(), 'https://user:pass@proxy')).toBe('https://user:pass@proxy');
    refuses(proxyUrl(), 'socks5://a', 'proxy:3128');
  });

  it('of a proxy in the environment may be a host alone, and no SOCKS', () => {
    expect(read(environmentProxyUrl(), ' proxy:3128 ')).toBe('http://proxy:3128');
    expect(read(environmentProxyUrl(), 'me:p%40ss@10.0.0.1')).toBe('http://me:p%40ss@10.0.0.1');
    expect(read(environmentProxyUrl(), 'https://proxy')).toBe('https://proxy');
    refuses(environmentProxyUrl(), 'socks5://proxy:1080', 'ftp://proxy', 'a b', 'http://');
    expect(environmentProxyUrl().allowed).toContain('SOCKS is not supported');
  });

  it('are written without user name and password', () => {
    expect(url().format('https://user:pass@host/path')).toBe('https://host/path');
    expect(withoutCredentials('https://host/path')).toBe('https://host/path');
    expect(withoutCredentials('not a url')).toBe('not a url');
    expect(proxyUrl().format('http://:pass@host')).toBe('http://host/');
  });
});

describe('headers', () => {
  it('are a JSON object of strings', () => {
    expect(read(headers(), '{"Content-type":"application/json","X-A":""}')).toEqual({
      'Content-type': 'application/json',
      'X-A': '',
    });
    refuses(headers(), '', '[]', 'null', '"x"', '1', '{"a":1}', '{"a":null}', '{"a":["b"]}', "{'a':'b'}");
    expect(headers().format({ a: 'b' })).toBe('{"a":"b"}');
  });

  it('cannot carry another header', () => {
    refuses(
      headers(),
      '{"a":"b\\r\\nX: y"}',
      '{"a\\r\\nX":"y"}',
      '{"a b":"c"}',
      '{"":"c"}',
      '{"a":"\\u0000"}',
      '{"a":"\\u0100"}',
    );
  });
});

describe('annotations', () => {
  it('are pairs of key and value', () => {
    expect(read(annotations(), 'first=annotation,sample.annotation/number=two, c =')).toEqual({
      first: 'annotation',
      'sample.annotation/number': 'two',
      c: '',
    });
    refuses(annotations(), '', 'a', 'a=b=c', '=b', 'a=b,', 'a b=c', 'a/b/c=d', 'UPPER.com/a=b', `${'k'.repeat(64)}=v`);
    expect(annotations().format({ a: 'b', c: '' })).toBe('a=b,c=');
  });

  it('names of variables are a list, each once', () => {
    expect(read(variableNames(), 'CLUSTER, STAGE,CLUSTER')).toEqual(['CLUSTER', 'STAGE']);
    refuses(variableNames(), '', 'A,', '1A', 'A-B', 'A B', '$A', Array.from({ length: 21 }, (_, i) => `A${i}`).join());
    expect(variableNames().format(['A', 'B'])).toBe('A,B');
  });

  it('do not reach the prototype', () => {
    const read_ = read(annotations(), 'constructor=x');
    expect(read_).toEqual({ constructor: 'x' });
    refuses(annotations(), '__proto__=x');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

it('no type ever throws, and each reads what it writes', () => {
  const types: readonly SettingType<unknown>[] = [
    boolean(),
    integer({ min: -5, max: 5_000 }),
    integerAutoOrUnset({ min: 0, max: 99 }),
    positiveNumber(),
    choice('a', 'b'),
    choices('a', 'b'),
    wordOrDuration('x'),
    line(),
    urlPath(),
    url(),
    headers(),
    annotations(),
    tag(),
    variableNames(),
  ];
  const text = fc.oneof(
    anyText,
    fc.json(),
    // A URL is written without its credentials: it is not read as it was.
    fc
      .string()
      .filter((rest) => !rest.includes('@'))
      .map((rest) => `https://${rest}`),
    fc.integer().map(String),
    fc.constantFrom('a=b', 'a', '5m'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...types), text, (type, given) => {
      const value = read(type, given);
      if (value !== refused) expect(read(type, type.format(value))).toEqual(value);
    }),
    { numRuns: 200 },
  );
});

describe('names of lifecycle hooks', () => {
  it('are a list, in which patterns may stand', () => {
    expect(read(hookNames(), ' drain, kops-* ,team/a?')).toEqual(['drain', 'kops-*', 'team/a?']);
    expect(hookNames().format(['drain', 'kops-*'])).toBe('drain,kops-*');
    refuses(hookNames(), '', ',', 'a,,b', 'a b', 'drain;', '[ab]', 'x'.repeat(256));
  });

  it.each([
    ['drain', 'drain', true],
    ['drain', 'drain-2', false],
    ['drain', 'Drain', false],
    ['kops-*', 'kops-', true],
    ['kops-*', 'my-kops-warmpool', false],
    ['*warm*', 'kops-warmpool', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a.c', 'abc', false],
    ['*', 'anything/at-all', true],
  ])('match the whole name: %s, %s → %s', (pattern, name, expected) => {
    expect(isNamedBy([pattern], name)).toBe(expected);
  });

  it('match any name by as many stars as fit, at once', () => {
    expect(isNamedBy(['*'.repeat(255)], 'x'.repeat(255))).toBe(true);
    expect(isNamedBy([`${'*a'.repeat(8)}b`], 'a'.repeat(255))).toBe(false);
  });
});
