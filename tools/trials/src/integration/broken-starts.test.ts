import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../index.ts';
import type { LogLine, Program, ProgramName } from '../index.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const PROGRAMS = ['imds-agent', 'queue-processor'] as const;
const nowhere = 'http://127.0.0.1:1';
const probes = { ENABLE_PROBES_SERVER: 'true', PROBES_SERVER_PORT: '0' };
const servers = { ...probes, ENABLE_PROMETHEUS_SERVER: 'true', PROMETHEUS_SERVER_PORT: '0' };

/** It ends, and is not waited for longer, in milliseconds: how soon is what the tests of `runProgram` hold, on a clock of their own. */
const ENDS_WITHIN_MS = 45_000;
/** The longest that a program may take from SIGTERM on: its last long polls, and then the rest. */
const STOPS_WITHIN_MS = 29_000;

let world: World;
let taken: string;
let directory: string;
const occupant = createServer();

beforeAll(async () => {
  world = await startWorld();
  await once(occupant.listen(0), 'listening');
  taken = String((occupant.address() as AddressInfo).port);
  directory = await mkdtemp(path.join(tmpdir(), 'nth-broken-'));
  const { kubernetes } = world.sandbox;
  const kubeconfig = kubernetes.kubeconfig(kubernetes.issueToken({ user: 'nobody' }));
  await writeFile(noApiServer().KUBECONFIG, kubeconfig.replaceAll(kubernetes.url, 'https://127.0.0.1:1'));
});
afterAll(async () => {
  occupant.close();
  await world[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Settings by which no API server is found where one should be. */
function noApiServer() {
  return { KUBECONFIG: path.join(directory, 'kubeconfig') };
}

function start(name: ProgramName, settings: Readonly<Record<string, string>>): Program {
  return name === 'imds-agent' ? world.imdsAgent(settings) : world.queueProcessor(settings);
}

/** What a line says, with its error, and without what differs from start to start. */
function said({ message, error }: LogLine): string {
  const text = typeof error === 'string' ? `${message}: ${error}` : message;
  return text
    .replaceAll(taken, 'N')
    .replaceAll(/http:\/\/127\.0\.0\.1:[N\d]+\/1\/q/g, 'QUEUE_URL')
    .replaceAll(/(?:127\.0\.0\.1|0\.0\.0\.0|::):[N\d]+/g, 'HOST:N')
    .replaceAll('|', '/');
}

/** What a program says last: the message of its last line in the log, or the line itself; where to look settings up is none. */
function lastOf(program: Program): string {
  const last =
    program.output
      .split('\n')
      .filter((line) => line !== 'See --help for every setting.')
      .at(-1) ?? '';
  return last.startsWith('{') ? said(JSON.parse(last) as LogLine) : last.replace(/^ +- /, '');
}

interface Row {
  readonly broken: string;
  readonly program: string;
  readonly end: string;
  readonly says: string;
}

/** What waiting cannot mend: the settings that are broken, by what is broken of them. */
const FATAL: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  'a setting is wrong': () => ({ LOG_LEVEL: 'loud' }),
  'the port of the metrics is taken': () => ({ ENABLE_PROMETHEUS_SERVER: 'true', PROMETHEUS_SERVER_PORT: taken }),
  'the port of the probes is taken': () => ({ ...servers, PROBES_SERVER_PORT: taken }),
  'the template’s file cannot be read': () => ({ WEBHOOK_TEMPLATE_FILE: '/missing' }),
  'the kubeconfig cannot be read': () => ({ ...servers, KUBECONFIG: '/missing' }),
  'nothing says where the API server is': () => ({ ...servers, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' }),
};

/** What may come back: what is broken, whom that concerns, and the word about it. */
const WAITED_FOR: readonly {
  readonly broken: string;
  readonly programs: readonly ProgramName[];
  readonly settings?: () => Readonly<Record<string, string>>;
  readonly word: RegExp;
}[] = [
  { broken: 'no rights', programs: PROGRAMS, word: /^not ready to work on nodes/ },
  {
    broken: 'no API server',
    programs: PROGRAMS,
    settings: noApiServer,
    word: /^not ready to work on nodes/,
  },
  {
    broken: 'no instance metadata',
    programs: ['imds-agent'],
    settings: () => ({ INSTANCE_METADATA_URL: nowhere }),
    word: /^the instance metadata cannot be read/,
  },
  {
    broken: 'no SQS',
    programs: ['queue-processor'],
    settings: () => ({ AWS_ENDPOINT: nowhere, QUEUE_URL: `${nowhere}/1/q` }),
    word: /^There was a problem monitoring for events/,
  },
];

async function endOf(program: Program, withinMs = ENDS_WITHIN_MS): Promise<number | null | 'late'> {
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), withinMs).unref());
  return Promise.race([program.exit, late]);
}

async function fatal(broken: string, name: ProgramName): Promise<Row> {
  await using program = start(name, FATAL[broken]?.() ?? {});
  const code = await endOf(program);
  return { broken, program: name, end: `exit code ${code}`, says: lastOf(program) };
}

/** What may come back is waited for: said, alive and not ready. @returns how the program ended when it was told to */
async function waitedFor({ broken, settings, word }: (typeof WAITED_FOR)[number], name: ProgramName) {
  await using program = start(name, { ...probes, ...settings?.() });
  const isSaid = ({ level, message }: LogLine): boolean =>
    (level === 'warn' || level === 'error') && word.test(message);
  await eventually(() => expect(program.log.some(isSaid), `${name}, ${broken}: ${program.output}`).toBe(true));
  const port = String(program.log.find(({ message }) => message === 'serving probes')?.port);
  const ask = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  return [broken, name, await ask('/healthz'), await ask('/readyz'), await program.stop()];
}

/** Rows of what both programs do alike are one. */
function table(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, ({ broken, end, says }) => JSON.stringify([broken, end, says]));
  const lines = [...groups.values()].map((same) => {
    const [{ broken, end, says } = rows[0]!] = same;
    return `| ${broken} | ${same.map(({ program }) => program).join(', ')} | ${end} | ${says} |`;
  });
  return ['| what is broken | program | end | last line |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

describe('a start on broken ground', () => {
  it('ends as docs/troubleshooting.md says, where waiting cannot mend it', async () => {
    const broken = Object.keys(FATAL);
    const ended = await Promise.all(broken.flatMap((each) => PROGRAMS.map((name) => fatal(each, name))));
    const made = table(ended);
    expect(ended.filter(({ end }) => end !== 'exit code 1')).toEqual([]);
    const text = readFileSync(path.join(root, 'docs/troubleshooting.md'), 'utf8');
    const documented = /## Starts on broken ground\n[^|]*(\|[^]*?\n)\n/.exec(text)?.[1]?.trimEnd();
    expect(documented, `the table must be:\n${made}`).toBe(made);
  });

  it('waits for all that may come back, alive and not ready', async () => {
    const users = PROGRAMS.map((name) => `system:serviceaccount:kube-system:${name}`);
    for (const user of users) world.sandbox.kubernetes.setRules(user, []);
    const cases = WAITED_FOR.flatMap((one) => one.programs.map((name) => [one, name] as const));
    const waited = await Promise.all(cases.map(([one, name]) => waitedFor(one, name)));
    for (const user of users) world.sandbox.kubernetes.setRules(user, undefined);
    expect(waited).toEqual(cases.map(([{ broken }, name]) => [broken, name, 200, 503, 0]));
  });
});

/** Moments of the start, each known by a line, and what makes the start last there. */
const STEPS: readonly (readonly [string, ProgramName, RegExp, () => Readonly<Record<string, string>>])[] = [
  ...PROGRAMS.flatMap((name): (typeof STEPS)[number][] => [
    ['its settings are read', name, /^starting with these settings/, () => servers],
    ['the metrics are served', name, /^serving metrics/, () => servers],
    ['the probes are served', name, /^serving probes/, () => servers],
    ['its work begins', name, /^Started monitoring for events/, () => servers],
    ['the API server is waited for', name, /^not ready to work on nodes/, noApiServer],
  ]),
  [
    'the metadata is waited for',
    'imds-agent',
    /^the instance metadata/,
    () => ({ ...servers, INSTANCE_METADATA_URL: nowhere }),
  ],
  [
    'SQS is waited for',
    'queue-processor',
    /^There was a problem monitoring/,
    () => ({ ...servers, AWS_ENDPOINT: nowhere, QUEUE_URL: `${nowhere}/1/q` }),
  ],
];

describe('a program that is told to stop', () => {
  it('at any step of its start ends well, and says so', async () => {
    const ends = STEPS.map(async ([step, name, line, settings]) => {
      await using program = start(name, settings());
      await eventually(() =>
        expect(
          program.log.some(({ message }) => line.test(message)),
          `${name}, ${step}: ${program.output}`,
        ).toBe(true),
      );
      const code = await Promise.race([program.stop(), endOf(program, STOPS_WITHIN_MS)]);
      return [step, name, code, program.log.some(({ message }) => message === 'stopped')];
    });
    expect(await Promise.all(ends)).toEqual(STEPS.map(([step, name]) => [step, name, 0, true]));
  });
});
