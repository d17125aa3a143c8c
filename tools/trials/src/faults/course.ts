import { sleep, systemClock } from '@node-termination-handler/clock';
import type { Finding } from '../case.ts';
import type { Program, ProgramName } from '../program.ts';
import { waitUntil } from '../wait.ts';
import type { Allowance } from './invariants/allowance.ts';
import { silence } from './invariants/silence.ts';
import { violations } from './invariants/violations.ts';
import type { World } from './world.ts';

/** Waits until every program of a world polls its source. @throws Error when they do not in a minute */
export async function untilAtWork(world: World): Promise<void> {
  const { programs, sandbox, going } = world;
  const count = (name: ProgramName): number => programs.filter((program) => program.name === name).length;
  const [agents, processors] = [count('imds-agent'), count('queue-processor')];
  const areAgentsAtWork = (): boolean => agents === 0 || going.filter((node) => isPolled(world, node)).length >= agents;
  const areProcessorsAtWork = (): boolean =>
    processors === 0 || (sandbox.aws.calls('sqs', 'ReceiveMessage').length > 0 && nodeWatches(world) >= processors);
  const atWork = (): boolean => areAgentsAtWork() && areProcessorsAtWork();
  if (!(await waitUntil(atWork, 60_000))) throw new Error('the programs did not begin their work in a minute');
}

function nodeWatches({ sandbox }: World): number {
  return sandbox.kubernetes.requests().filter(({ verb, resource }) => verb === 'watch' && resource === 'nodes').length;
}

function isPolled({ sandbox }: World, node: string): boolean {
  return sandbox
    .imdsOf(node)
    .requests()
    .some(({ path }) => path.endsWith('/spot/instance-action'));
}

/** Which probe: whether the process is alive, or whether it can do its work. */
export type Probe = 'liveness' | 'readiness';

/** Asks a probe of a program. @returns its status code; 0 where there was no answer within ten seconds, or none is served yet */
function prober(program: Program, probe: Probe): () => Promise<number> {
  // Found once: the log grows, and the place stays.
  let url: string | undefined;
  return async () => {
    url ??= probeUrlOf(program, probe);
    if (url === undefined) return 0;
    try {
      return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
    } catch {
      return 0;
    }
  };
}

/** Reads where a program serves a probe from its own words: the system chose the port. */
function probeUrlOf(program: Program, probe: Probe): string | undefined {
  const line = program.log.find(({ message }) => message === 'serving probes');
  const path = probe === 'liveness' ? String(line?.path) : '/readyz';
  return line === undefined ? undefined : `http://127.0.0.1:${String(line.port)}${path}`;
}

/** What a probe of a program said, in the order in which it did. */
export interface ProbeWatch extends Disposable {
  /** Status codes; 0 where there was no answer within ten seconds. */
  readonly answers: readonly number[];
}

/** Asks a probe of a program four times a second, from its first answer on. */
export function watchProbe(program: Program, probe: Probe): ProbeWatch {
  const ask = prober(program, probe);
  const answers: number[] = [];
  const over = new AbortController();
  void (async () => {
    while (!over.signal.aborted) {
      const answer = await ask();
      if (answer !== 0 || answers.length > 0) answers.push(answer);
      await sleep(systemClock, 250);
    }
  })();
  return { answers, [Symbol.dispose]: () => over.abort() };
}

/** Waits until a program's liveness probe answers at all: it has begun its work. @throws Error when it does not in 30 s */
export async function untilAnswering(program: Program): Promise<void> {
  const ask = prober(program, 'liveness');
  if (!(await waitUntil(async () => (await ask()) !== 0, 30_000)))
    throw new Error('the probe was not answered in 30 s');
}

/** What is still to be done about the interruptions of a world, in words; empty when all is done. */
export function unsettled({ interruptions, sandbox, record }: World): readonly string[] {
  const { sqs, autoScaling } = sandbox.aws;
  const waiting = new Set(
    autoScaling
      .actions()
      .filter(({ state }) => state === 'waiting')
      .map(({ token }) => token),
  );
  return interruptions.flatMap(({ node, messageId, token }) => {
    const left: string[] = [];
    if (record.cordonedAt(node) === undefined) left.push(`${node} is not cordoned`);
    else if (record.emptyAt(node) === undefined) left.push(`${node} still has pods`);
    if (messageId !== undefined && sqs.message(messageId)?.deletedAt === undefined) {
      left.push(`the message about ${node} is in the queue`);
    }
    if (token !== undefined && waiting.has(token)) left.push(`the hook of ${node} waits`);
    return left;
  });
}

const LINES = 60;

/** What a person wants to see of a world in which something went wrong. */
function details(world: World): string {
  return world.programs
    .map((program) => {
      const state = program.isRunning ? 'running' : 'ended';
      const lines = program.output.split('\n').slice(-LINES);
      return [`── ${program.name} (${state}), last lines:`, ...lines].join('\n');
    })
    .join('\n');
}

/** How a case of faults ends. */
export interface FinishOptions {
  /** When the last fault ended, by `systemClock.monotonic()`. */
  readonly endedAt: number;
  readonly boundSeconds: number;
  readonly allowance?: Allowance;
  /** Programs that are still at work and must end well. Default: all that run. */
  readonly running?: readonly Program[];
}

/** The longest that a program may take to stop when nothing is under way, in ms. */
const STOP_MS = 40_000;

/** Waits until all is done, stops the programs, and judges what the sandbox saw. */
export async function finish(world: World, options: FinishOptions): Promise<Finding> {
  const { endedAt, boundSeconds, allowance = {} } = options;
  const settled = await waitUntil(() => unsettled(world).length === 0, boundSeconds * 2000 + 20_000);
  const recoverySeconds = Math.max(0, (systemClock.monotonic() - endedAt) / 1000);
  const missing = settled ? [] : unsettled(world).map((what) => `not settled: ${what}`);
  // People are told a moment after the deed.
  await waitUntil(() => silence(world, allowance).length === 0, 5000);
  const running = options.running ?? world.programs.filter((program) => program.isRunning);
  const crashed = world.programs
    .filter((one) => options.running === undefined && !one.isRunning)
    .map((program) => `${program.name} ended by itself`);
  const ends = await Promise.all(running.map((one) => stopped(one)));
  const found = [...missing, ...crashed, ...ends.flat(), ...violations(world, allowance)];
  return { recoverySeconds, boundSeconds, violations: found, ...(found.length > 0 && { details: details(world) }) };
}

async function stopped(program: Program): Promise<readonly string[]> {
  if (!program.isRunning) return [`${program.name} ended by itself`];
  const code = await program.stop(STOP_MS);
  if (program.ended === 'signal SIGKILL') return [`${program.name} did not stop within ${STOP_MS / 1000} s`];
  return code === 0 ? [] : [`${program.name} ended with code ${code ?? 'none'} when it was told to stop`];
}
