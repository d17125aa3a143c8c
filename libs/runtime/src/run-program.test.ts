import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sleep } from '@node-termination-handler/clock';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from './run-program.ts';
import type { ProgramDefinition } from './run-program.ts';
import type { Runtime } from './runtime.ts';

/** An API server that refuses connections. */
const cluster = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };
const env = { NODE_NAME: 'node-1', JSON_LOGGING: 'true', ...cluster };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'nth-run-'));
});
afterEach(() => rm(directory, { recursive: true }));

type Work = ProgramDefinition<ImdsAgentSettings>['work'];

const untilStopped: Work = async ({ stop }) => {
  if (!stop.aborted) await once(stop, 'abort');
};

/** A process that runs a program, and what can be seen of it. */
function start(own: Readonly<Record<string, string>>, work: Work = untilStopped, args: readonly string[] = []) {
  const said = { stdout: '', stderr: '' };
  const lines: Record<string, unknown>[] = [];
  const clock = new VirtualClock();
  const host = Object.assign(new EventEmitter(), {
    argv: ['node', 'main.js', ...args],
    env: { ...env, KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: directory, ...own },
    platform: 'linux' as const,
    stdout: { write: (text: string) => (said.stdout += text) },
    stderr: { write: (text: string) => (said.stderr += text) },
    exitCode: undefined as number | undefined,
    exit: vi.fn(),
  });
  const ended = runProgram(
    { name: 'imds-agent', version: '1.2.3', load: loadImdsAgentSettings, ownNode: ({ nodeName }) => nodeName, work },
    host,
    { clock, destination: { write: (text) => lines.push(JSON.parse(text) as Record<string, unknown>) } },
  );
  return { host, said, lines, clock, ended, messages: () => lines.map(({ message }) => message) };
}

describe('a program that is asked for something else than to run', () => {
  it('lists its settings, or says its version', async () => {
    const help = start({}, untilStopped, ['--help']);
    await help.ended;
    expect([help.host.exitCode, help.said.stdout]).toEqual([0, expect.stringMatching(/NODE_NAME.*--node-name/)]);
    const version = start({}, untilStopped, ['--version']);
    await version.ended;
    expect([version.host.exitCode, version.said.stdout]).toEqual([0, 'imds-agent 1.2.3\n']);
  });

  it('checks its configuration, the template included, and opens nothing', async () => {
    const work = vi.fn(untilStopped);
    const good = start({}, work, ['--check']);
    await good.ended;
    expect([good.host.exitCode, good.messages()]).toEqual([0, ['the configuration is valid']]);
    const webhook = { WEBHOOK_URL: 'https://hooks.example', WEBHOOK_TEMPLATE: '{{ .Nonsense }}' };
    const bad = start(webhook, work, ['--check']);
    await bad.ended;
    expect([bad.host.exitCode, bad.messages()]).toEqual([1, [expect.stringContaining('Nonsense')]]);
    expect(work).not.toHaveBeenCalled();
  });

  it('warns of a body that is no JSON where the header says that it is', async () => {
    const checked = async (own: Readonly<Record<string, string>>) => {
      const { ended, lines, host } = start({ WEBHOOK_URL: 'https://hooks.example', ...own }, untilStopped, ['--check']);
      await ended;
      return [host.exitCode, lines.map(({ level, message, reason }) => [level, message, reason])];
    };
    const well = [0, [['info', 'the configuration is valid', undefined]]];
    const text = { WEBHOOK_TEMPLATE: 'node {{ .NodeName }}' };
    expect(await checked(text)).toEqual([
      0,
      [
        [
          'warn',
          'the receiver of the webhook may refuse its messages',
          expect.stringContaining('a body that is no JSON'),
        ],
        ...(well[1] as unknown[]),
      ],
    ]);
    expect(await checked({ ...text, WEBHOOK_HEADERS: '{"Content-type":"text/plain"}' })).toEqual(well);
    expect(await checked({ WEBHOOK_TEMPLATE: '{"text":{{ .NodeName | toJson }}}' })).toEqual(well);
    expect(await checked({ WEBHOOK_PRESET: 'slack' })).toEqual(well);
    expect(await checked({})).toEqual(well);
  });

  it('has the key of PagerDuty by the address, and says neither', async () => {
    const checked = async (url: string) => {
      const { ended, lines } = start({ WEBHOOK_URL: url, WEBHOOK_PRESET: 'pagerduty' }, untilStopped, ['--check']);
      await ended;
      return lines.map(({ message }) => message);
    };
    const key = '0123456789abcdef0123456789abcdef';
    expect(await checked(`https://events.example/?routing_key=${key}`)).toEqual(['the configuration is valid']);
    expect(await checked('https://events.example/?routing_key=hunter2hunter2')).toEqual([
      'Invalid webhook options: url must end with ?routing_key=… for the preset pagerduty: the integration key, of 32 characters',
    ]);
  });
});

it('certificates are verified whatever the environment says, and that is said', async () => {
  const { ended, host, messages } = start({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, untilStopped, ['--check']);
  await ended;
  expect(messages()).toEqual([
    expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect'),
    'the configuration is valid',
  ]);
  expect(host.env).not.toHaveProperty('NODE_TLS_REJECT_UNAUTHORIZED');
});

describe('a start that cannot succeed', () => {
  it('names every wrong setting', async () => {
    const { ended, host, said } = start({ NODE_NAME: '', METADATA_TRIES: 'x' });
    await ended;
    expect([host.exitCode, said.stderr]).toEqual([
      1,
      expect.stringMatching(/METADATA_TRIES[^]*NODE_NAME|NODE_NAME[^]*METADATA_TRIES/),
    ]);
  });

  it.each([
    [
      'a template file',
      { WEBHOOK_URL: 'https://hooks.example', WEBHOOK_TEMPLATE_FILE: '/missing' },
      'WEBHOOK_TEMPLATE_FILE /missing',
    ],
    ['a kubeconfig', { KUBECONFIG: '/missing' }, 'KUBECONFIG /missing'],
    ['where the API server is', { KUBERNETES_SERVICE_HOST: '' }, 'no API server is known'],
  ])('for the lack of %s says so in one sentence, closes everything, and ends', async (_what, own, sentence) => {
    const work = vi.fn(untilStopped);
    const { ended, host, messages, clock } = start(
      { ...own, ENABLE_PROBES_SERVER: 'true', PROBES_SERVER_PORT: '0' },
      work,
    );
    await ended;
    expect([host.exitCode, messages().at(-1)]).toEqual([1, expect.stringContaining(sentence)]);
    expect(work).not.toHaveBeenCalled();
    expect(host.listenerCount('SIGTERM')).toBe(0);
    // All that is left is the guard that ends a process which something keeps.
    expect(clock.timers).toBe(1);
    await clock.advance(1_000);
    expect(host.exit).toHaveBeenCalledExactlyOnceWith(1);
  });

  it('for a port that is taken closes the server that has one', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const { port } = other.address() as AddressInfo;
    const servers = { ENABLE_PROMETHEUS_SERVER: 'true', PROMETHEUS_SERVER_PORT: '0', ENABLE_PROBES_SERVER: 'true' };
    const { ended, host, lines, messages } = start({ ...servers, PROBES_SERVER_PORT: String(port) });
    await ended;
    expect([host.exitCode, messages().at(-1)]).toEqual([
      1,
      expect.stringMatching(/cannot serve probes on port \d+: .*PROBES_SERVER_PORT/),
    ]);
    const metricsPort = Number(lines.find(({ message }) => message === 'serving metrics')?.port);
    await expect(fetch(`http://127.0.0.1:${metricsPort}/metrics`)).rejects.toThrow();
    other.close();
  });

  it('says why its work failed, with the cause, and closes what that had opened', async () => {
    const close = vi.fn();
    const { ended, host, messages } = start({}, ({ opened }) => {
      opened.defer(close);
      return Promise.reject(new Error('no region', { cause: new Error('neither here nor there') }));
    });
    await ended;
    expect([host.exitCode, messages().at(-1)]).toEqual([1, 'no region: neither here nor there']);
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('a program that is told to stop', () => {
  it.each([
    ['before anything else', {}],
    ['while it starts its servers', { ENABLE_PROMETHEUS_SERVER: 'true', PROMETHEUS_SERVER_PORT: '0' }],
  ])('%s begins no work, and ends well', async (_when, own) => {
    const work = vi.fn(untilStopped);
    const { ended, host, messages } = start(own, work);
    host.emit('SIGTERM');
    await ended;
    expect([host.exitCode, messages().at(-1)]).toEqual([0, 'stopped']);
    expect(work).not.toHaveBeenCalled();
    expect(host.exit).not.toHaveBeenCalled();
  });

  it('while it reads a template that never comes ends well', async () => {
    const file = path.join(directory, 'pipe');
    execFileSync('mkfifo', [file]);
    const { ended, host, messages } = start({ WEBHOOK_URL: 'https://hooks.example', WEBHOOK_TEMPLATE_FILE: file });
    await new Promise((resolve) => setImmediate(resolve));
    host.emit('SIGTERM');
    await ended;
    expect([host.exitCode, messages().at(-1)]).toEqual([0, 'stopped']);
    // Lets go of who still reads.
    await writeFile(file, '');
  });

  it('closes in reverse what it had opened, and ends well', async () => {
    const order: string[] = [];
    const { ended, host, messages } = start({}, async (runtime) => {
      runtime.opened.defer(() => void order.push('first'));
      runtime.beside(async (signal) => {
        await once(signal, 'abort');
        order.push('beside');
      });
      runtime.opened.defer(() => void order.push('last'));
      await untilStopped(runtime);
    });
    await vi.waitFor(() => expect(messages()).toContain('starting with these settings'));
    host.emit('SIGINT');
    await ended;
    expect(order).toEqual(['last', 'beside', 'first']);
    expect([host.exitCode, messages().at(-1)]).toEqual([0, 'stopped']);
    expect(messages()).toContain('stopping: finishing what is under way');
  });

  it('ends within the same time from the signal on, however long its work takes to end', async () => {
    const { ended, host, messages, clock } = start({}, async (runtime) => {
      runtime.opened.defer(() => new Promise<never>(() => undefined));
      await untilStopped(runtime);
      await sleep(runtime.clock, 22_000);
    });
    await vi.waitFor(() => expect(messages()).toContain('starting with these settings'));
    const stoppedAt = clock.monotonic();
    host.emit('SIGTERM');
    await clock.run(ended);
    expect(clock.monotonic() - stoppedAt).toBeLessThan(29_000);
    expect(host.exitCode).toBe(1);
  });

  it('ends also when something does not close in its time, and says so', async () => {
    const { ended, host, messages, clock } = start({}, async (runtime) => {
      runtime.opened.defer(() => new Promise<never>(() => undefined));
      await untilStopped(runtime);
    });
    await vi.waitFor(() => expect(messages()).toContain('starting with these settings'));
    host.emit('SIGTERM');
    await clock.run(ended);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(28_000);
    expect([host.exitCode, messages().slice(-2)]).toEqual([1, ['not everything could be closed in time', 'stopped']]);
  });

  it('ends at once when it is told again', async () => {
    const { host, messages } = start({});
    await vi.waitFor(() => expect(messages()).toContain('starting with these settings'));
    host.emit('SIGTERM');
    host.emit('SIGTERM');
    expect(host.exit).toHaveBeenCalledExactlyOnceWith(1);
  });
});

describe('a program at work', () => {
  it('waits for an API server that does not answer: alive, not ready, and with a word about it', async () => {
    let runtime: Runtime<ImdsAgentSettings> | undefined;
    const { ended, host, lines } = start({}, async (given) => {
      runtime = given;
      await untilStopped(given);
    });
    await vi.waitFor(
      () =>
        expect(lines).toContainEqual(
          expect.objectContaining({
            level: 'warn',
            message: 'not ready to work on nodes, trying again',
            error: expect.stringMatching(/./) as string,
          }),
        ),
      10_000,
    );
    expect(runtime?.health.status()).toMatchObject({ alive: true, ready: false });
    host.emit('SIGTERM');
    await ended;
    expect(host.exitCode).toBe(0);
  });

  it('shows no secret in any line, and leaves ordinary headers readable', async () => {
    const secrets = {
      WEBHOOK_URL: 'https://hooks.example/x-hunter2?type=sending&routing_key=0123456789-hunter2',
      WEBHOOK_HEADERS: '{"Content-Type":"application/json","X-Key":"k3y-hunter2"}',
    };
    const { ended, host, lines } = start(secrets, async ({ log, stop, clock }) => {
      log.info('POST https://hooks.example/x-hunter2?type=sending&routing_key=0123456789-hunter2');
      log.info('sending 0123456789-hunter2 with k3y-hunter2 as application/json');
      await sleep(clock, 60_000, stop);
    });
    await vi.waitFor(() => expect(JSON.stringify(lines)).toContain('as application/json'));
    host.emit('SIGTERM');
    await ended;
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(JSON.stringify(lines)).toMatch(/sending \S+ with \S+ as application/);
    expect(lines[0]).toMatchObject({
      message: 'starting with these settings',
      node_name: 'node-1',
      webhook_url: '<redacted>',
      name: 'imds-agent',
      version: '1.2.3',
    });
  });

  it('goes on when what runs beside it has a fault', async () => {
    const { ended, host, messages } = start({}, async (runtime) => {
      runtime.beside(() => Promise.reject(new Error('a fault')));
      await untilStopped(runtime);
    });
    await vi.waitFor(() => expect(messages()).toContain('a part of the program has ended by a fault of its own'));
    host.emit('SIGTERM');
    await ended;
    expect(host.exitCode).toBe(0);
  });
});
