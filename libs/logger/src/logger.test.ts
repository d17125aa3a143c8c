import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standardOutputs } from './destination.ts';
import { createLogger } from './logger.ts';
import { createRecordedLogger } from './testing/lines.ts';

// fc.string's own unit of any code point takes seconds to set up.
const anyText = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points));

const FORMATS = ['pretty', 'json', 'logfmt'] as const;

describe('lines of JSON', () => {
  it('have the field names of the Go handler', () => {
    const { log, json } = createRecordedLogger({ format: 'json', name: 'imds-agent', version: '1.2.3' });
    log.info({ 'node-name': 'node-1', count: 2 }, 'Node successfully %s', 'cordoned');
    const [line] = json();
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      name: 'imds-agent',
      version: '1.2.3',
      'node-name': 'node-1',
      count: 2,
      message: 'Node successfully cordoned',
    });
  });

  it('say an error with its causes as one text', () => {
    const { log, json } = createRecordedLogger({ format: 'json' });
    const error = new Error('cannot cordon', { cause: new Error('connect ECONNREFUSED') });
    log.warn({ err: error }, 'There was a problem');
    log.warn({ error }, 'There was a problem');
    log.error(error);
    for (const line of json()) expect(line.error).toBe('cannot cordon: connect ECONNREFUSED');
    expect(json()[2]).toMatchObject({ level: 'error', message: 'cannot cordon' });
  });

  it('keep the bindings of a child', () => {
    const { log, json } = createRecordedLogger({ format: 'json' });
    log.child({ 'event-id': 'e', token: 'hunter2' }).info('x');
    expect(json()[0]).toMatchObject({ 'event-id': 'e', token: '<redacted>', message: 'x' });
  });
});

describe('the level', () => {
  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
  ] as const)('%s lets %j through', (level, expected) => {
    const { log, json } = createRecordedLogger({ format: 'json', level });
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]('x');
    expect(json().map((line) => line.level)).toEqual(expected);
  });
});

describe('the format version', () => {
  const event = { 'event-id': 'e', kind: 'SPOT_ITN', monitor: 'SPOT_ITN_MONITOR', 'node-name': 'n' };
  const lines = (formatVersion: 1 | 2) => {
    const { log, json } = createRecordedLogger({ format: 'json', formatVersion });
    log.info({ monitor_type: 'SPOT_ITN_MONITOR' }, 'Started monitoring for events');
    log.child(event).info('Requesting instance drain');
    return json();
  };

  it('1 calls the monitor event_type and leaves it out of lines about events', () => {
    const [started, requested] = lines(1);
    expect(started).toMatchObject({ event_type: 'SPOT_ITN_MONITOR' });
    expect(started).not.toHaveProperty('monitor_type');
    expect(requested).toMatchObject({ 'event-id': 'e', kind: 'SPOT_ITN', 'node-name': 'n' });
    expect(requested).not.toHaveProperty('monitor');
  });

  it('2 calls it monitor_type, and monitor in lines about events', () => {
    const [started, requested] = lines(2);
    expect(started).toMatchObject({ monitor_type: 'SPOT_ITN_MONITOR' });
    expect(requested).toMatchObject({ monitor: 'SPOT_ITN_MONITOR' });
  });
});

describe('lines for people', () => {
  it('read like those of the Go handler', () => {
    const { log, out } = createRecordedLogger({ name: 'imds-agent', version: '1' });
    log.info({ reason: 'Spot ITN received', node_name: 'n', pods: 3, empty: '', none: null }, 'Node cordoned');
    expect(out).toHaveLength(1);
    expect(out[0]).toMatch(
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d INF Node cordoned empty="" node_name=n none=null pods=3 reason="Spot ITN received"\n$/,
    );
  });

  it('go to the standard error from warn on, with the error first', () => {
    const { log, out, err } = createRecordedLogger({ level: 'debug' });
    log.debug('a');
    log.warn({ attempt: 1, err: new Error('b c') }, 'd');
    log.fatal({ nested: { deep: [1, 'x'] } });
    expect(out.map((line) => line.slice(20))).toEqual(['DBG a\n']);
    expect(err.map((line) => line.slice(20))).toEqual([
      'WRN d error="b c" attempt=1\n',
      'FTL nested={"deep":[1,"x"]}\n',
    ]);
  });
});

describe('lines of logfmt', () => {
  it('have what is on every line first, then the error, and flat values', () => {
    const { log, all } = createRecordedLogger({ format: 'logfmt', name: 'imds-agent', version: '1', level: 'debug' });
    log.info(
      { node_name: 'n', reason: 'Spot ITN received', pods: ['a', 'b c'], none: null, count: 3 },
      'Node cordoned',
    );
    log.warn({ attempt: 1, err: new Error('b c') }, 'd');
    expect(all.map((line) => line.replace(/^time=\S+Z /, ''))).toEqual([
      'level=info msg="Node cordoned" name=imds-agent version=1 count=3 node_name=n none=null pods="[\\"a\\",\\"b c\\"]" reason="Spot ITN received"\n',
      'level=warn msg=d name=imds-agent version=1 error="b c" attempt=1\n',
    ]);
  });

  it('are read as they were written, whatever a value holds', () => {
    const { log, all } = createRecordedLogger({ format: 'logfmt' });
    fc.assert(
      fc.property(anyText, anyText, (key, value) => {
        log.info({ [`k${key}`]: value }, 'x');
        const line = (all.pop() ?? '').slice(0, -1);
        const pairs = [...line.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |$)/g)];
        expect(pairs.map(([pair]) => pair).join('')).toBe(line);
        expect(pairs).toHaveLength(4);
      }),
    );
  });
});

describe('a hostile value', () => {
  const unseen = '\u00ad\u061c\u180e\u2060\u2064\u2066\u206f\ufeff\ufff9\u{e0000}\u{e0041}\u{e007f}\u{e0100}';
  const nasty = `x\n2026/01/01 00:00:00 INF forged\r\u001b[2J\u0085\u009b31m\u2028\u202e\u200b"${unseen}`;

  it.each(FORMATS)('stays on its line and harmless to a terminal (%s)', (format) => {
    const { log, all } = createRecordedLogger({ format });
    log.info({ [nasty]: nasty, nested: { [nasty]: [nasty] }, error: nasty }, nasty);
    log.child({ [nasty]: nasty }).error(new Error(nasty));
    expect(all).toHaveLength(2);
    for (const line of all) {
      expect(line.endsWith('\n')).toBe(true);
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/);
      for (const character of unseen) expect(line).not.toContain(character);
    }
  });

  it('shows in lines for people what it hides (S12)', () => {
    const { log, out } = createRecordedLogger();
    log.info({ value: 'a\u061cb\u2060c\u{e0000}d größer ✓ 日本' }, 'm\u061c');
    expect(out[0]).toContain(String.raw`INF m\u061c value="a\u061cb\u2060c\udb40\udc00d größer ✓ 日本"`);
  });

  it('is whole in JSON', () => {
    const { log, json } = createRecordedLogger({ format: 'json' });
    log.info({ value: nasty }, nasty);
    expect(json()[0]).toMatchObject({ value: nasty, message: nasty });
  });

  it('never breaks the log, whatever it is', () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, maxDepth: 2 });
    const recorded = FORMATS.map((format) => createRecordedLogger({ format }));
    fc.assert(
      fc.property(anyText, anything, (text, value) => {
        for (const { log, all } of recorded) {
          log.info({ [text]: value, value }, text.replaceAll('%', ''));
          expect(all).toHaveLength(1);
          const line = all.pop() ?? '';
          expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
          if (line.startsWith('{')) JSON.parse(line);
        }
      }),
    );
  });
});

describe('secrets', () => {
  it.each(FORMATS)('under known keys are censored at any depth (%s)', (format) => {
    const { log, all } = createRecordedLogger({ format });
    log.info(
      {
        webhookUrl: 'hunter2',
        webhook_headers: { a: 'hunter2' },
        request: { headers: { Authorization: 'hunter2', 'X-aws-ec2-metadata-token': 'hunter2', host: 'h' } },
        list: [{ password: 'hunter2', kept: 1 }],
        password: undefined,
        token: null,
      },
      'x',
    );
    expect(all.join('')).not.toContain('hunter2');
    expect(all.join('')).toContain('<redacted>');
    expect(all.join('')).toContain('kept');
  });

  it.each(FORMATS)('that are known as text are censored wherever they stand (%s)', (format) => {
    const url = 'https://hooks.example.com/T000/"B000"?key=hunter2';
    const { log, all } = createRecordedLogger({ format, secrets: [url, 'hunter2-longer', 'a'] });
    log.info({ url: `at ${url}!` }, `posting to ${url} with hunter2-longer`);
    log.error(new Error(`no answer from ${url}`));
    expect(all.join('')).not.toContain('hunter2');
    expect(all.join('')).toContain('posting to <redacted> with <redacted>');
  });
});

describe('a value that is hard to write', () => {
  it('is cut where it goes too deep or in circles, and dates stay', () => {
    const { log, json } = createRecordedLogger({ format: 'json' });
    const circle: Record<string, unknown> = { date: new Date(0) };
    circle.self = circle;
    log.info(circle, 'x');
    expect(json()[0]).toMatchObject({ date: '1970-01-01T00:00:00.000Z' });
  });
});

// Where nothing is built yet, the libraries it imports are their sources.
const asModule = ['-C', '@node-termination-handler/source', '--input-type=module-typescript', '-e'];

it('writes every line before the process ends, each to its output', { timeout: 30_000 }, async () => {
  const program = `
    import { createLogger } from './src/index.ts';
    const log = createLogger({ format: process.argv.at(-1) });
    for (let i = 0; i < 500; i++) log.info({ i }, 'line');
    log.error('last');
    process.exit(3);
  `;
  const run = (mode: string) =>
    promisify(execFile)(process.execPath, [...asModule, program, '--', mode], {
      cwd: new URL('..', import.meta.url),
    }).catch((error: unknown) => error as { stdout: string; stderr: string; code: number });
  const [pretty, json] = await Promise.all([run('pretty'), run('json')]);
  expect(pretty).toMatchObject({ code: 3 });
  expect(pretty.stdout.split('\n')).toHaveLength(501);
  expect(pretty.stderr).toMatch(/ERR last\n$/);
  expect(json.stdout).toBe('');
  expect(json.stderr.split('\n')).toHaveLength(502);
});

it('goes on when nobody reads its lines any more', { timeout: 30_000 }, async () => {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { createLogger } from './src/index.ts';
    const log = createLogger({ format: 'pretty' });
    process.stdin.on('end', () => {
      for (let i = 0; i < 100; i++) log.info('x'.repeat(10_000));
      writeFileSync(3, 'alive');
    }).resume();
  `;
  const child = spawn(process.execPath, [...asModule, program], {
    cwd: new URL('..', import.meta.url),
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const closed = once(child, 'close');
  let said = '';
  child.stdio[3]?.on('data', (text: Buffer) => (said += text.toString()));
  child.stdout?.destroy();
  child.stdin?.end();
  expect(await closed).toEqual([0, null]);
  expect(said).toBe('alive');
});

describe('the standard outputs', () => {
  it('are one for JSON and two for people', () => {
    const json = standardOutputs('json');
    expect(json.out).toBe(json.err);
    const pretty = standardOutputs('pretty');
    expect(pretty.out).not.toBe(pretty.err);
  });

  it('are where a logger writes by default', () => {
    expect(createLogger().level).toBe('info');
  });

  it('may be one writer for all lines', () => {
    const lines: string[] = [];
    const log = createLogger({ format: 'json', destination: { write: (text) => lines.push(text) } });
    log.info('a');
    log.error('b');
    expect(lines).toHaveLength(2);
  });
});
