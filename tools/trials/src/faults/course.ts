import { isDeepStrictEqual } from 'node:util';
import { repeat, sleep, systemClock, withTimeLimit } from '@node-termination-handler/clock';
import type { KubernetesObject } from '@node-termination-handler/sandbox';
import { runCase } from '../case.ts';
import type { Case, CaseResult, Finding } from '../case.ts';
import { causeOfMessage, NOTHING, sandboxEvidence } from '../evidence.ts';
import type { Evidence, Notification } from '../evidence.ts';
import { IN_THE_END, violations } from '../invariants.ts';
import type { Allowance } from '../invariants.ts';
import { isClaimedForNothing, isMarked } from '../node-record.ts';
import type { Program, ProgramName } from '../program.ts';
import { waitUntil } from '../wait.ts';
import { FOREIGN, SECRETS, startWorld } from './world.ts';
import type { World, WorldOptions } from './world.ts';

/** A case that plays in a world of its own. */
export function scene(
  group: string,
  name: string,
  options: WorldOptions,
  course: (world: World) => Promise<Finding>,
): Case {
  const play = (): Promise<CaseResult> =>
    runCase({ group, name }, async () => {
      await using world = await startWorld(options);
      return await course(world);
    });
  return { group, name, play };
}

/** Waits until a node is cordoned, for ten seconds at the most. */
export function untilCordoned({ record }: World, ...nodes: readonly string[]): Promise<boolean> {
  return waitUntil(() => nodes.every((node) => record.cordonedAt(node) !== undefined), 10_000);
}

/** Waits until the first pod is gone, for ten seconds at the most. */
export function untilFirstPodGone({ record }: World): Promise<boolean> {
  return waitUntil(() => record.pods.some(({ goneAt }) => goneAt !== undefined), 10_000);
}

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
      const place = url;
      return await withTimeLimit(
        { clock: systemClock, limitMs: 10_000 },
        async (signal) => (await fetch(place, { signal })).status,
      );
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

interface NodeSpec {
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** Which marks of others a node has lost. */
function lostMarks({ metadata, spec }: KubernetesObject): readonly string[] {
  const { labels = {}, annotations = {}, name } = metadata;
  const { taints = [] } = spec as NodeSpec;
  const { label, annotation, taint } = FOREIGN;
  const isThere = {
    label: labels[label[0]] === label[1],
    annotation: annotations[annotation[0]] === annotation[1],
    taint: taints.some(({ key, value, effect }) => isDeepStrictEqual({ key, value, effect }, taint)),
  };
  return Object.entries(isThere).flatMap(([what, there]) =>
    there ? [] : [`the ${what} that others had put on ${name}`],
  );
}

/** How far a world has come, which is looked at again and again. */
export function progressOf(world: World): Evidence {
  const { sandbox, record } = world;
  const { sqs, autoScaling } = sandbox.aws;
  const actions = new Map(autoScaling.actions().map((action) => [action.token, action]));
  const interruptions = world.interruptions.map((one) => ({
    ...one,
    isDismissed:
      one.isTakenBack === true ||
      (one.deadlineAt === undefined && (record.releasedAt(one.node) ?? -Infinity) >= one.at),
  }));
  return {
    ...NOTHING,
    interruptions,
    cordonedAt: record.cordonedAt,
    emptyAt: record.emptyAt,
    recordedAt: (node, at) => record.history.causesAt(node, at),
    messages: interruptions.flatMap(({ node, messageId, endingId, token, isDismissed }) =>
      [messageId, endingId].flatMap((id) => {
        if (id === undefined) return [];
        const { body = '', deletedAt } = sqs.message(id) ?? {};
        const hookUntil = token === undefined ? -Infinity : (actions.get(token)?.endedAt ?? Infinity);
        return [{ node, cause: causeOfMessage(body), deletedAt, hookUntil, isDismissed }];
      }),
    ),
    takenAgain: world.going.filter((name) => {
      // Whoever hears of another interruption only after the person has come takes the node for that one.
      const [told, ...others] = interruptions.filter(({ node }) => node === name);
      return told !== undefined && told.deadlineAt === undefined && others.length === 0 && record.isTakenAgain(name);
    }),
    marked: sandbox.kubernetes
      .list({ kind: 'Node' })
      .filter(isMarked)
      .map(({ metadata }) => metadata.name),
    actions: interruptions.flatMap(({ node, token }) => {
      if (token === undefined) return [];
      const { state = 'unknown', result, endedAt } = actions.get(token) ?? {};
      return [{ node, state, result, endedAt }];
    }),
    notifications: sandbox.webhook
      .deliveries()
      .filter(({ status }) => status !== undefined && status < 300)
      .map(({ body }) => JSON.parse(body) as Notification),
  };
}

/** Everything that is known of a world. */
export function evidenceOf(world: World): Evidence {
  const { sandbox, record, programs } = world;
  const nodes = sandbox.kubernetes.list({ kind: 'Node' });
  record.history.judge(Date.now());
  const logs = programs.map((program, index) => [`the log of ${program.name} (${index})`, program.output] as const);
  return {
    ...progressOf(world),
    ...sandboxEvidence(sandbox),
    pods: record.pods,
    failedJobs: record.failedJobs,
    judgedAt: Date.now(),
    disagreements: record.history.disagreements,
    claimedForNothing: nodes.filter(isClaimedForNothing).map(({ metadata }) => metadata.name),
    lostMarks: nodes.flatMap(lostMarks),
    texts: {
      ...Object.fromEntries(logs),
      'the Kubernetes events': JSON.stringify(sandbox.kubernetes.list({ kind: 'Event' })),
      'the nodes': JSON.stringify(nodes),
      'the bodies of the webhook': sandbox.webhook
        .deliveries()
        .map(({ body }) => body)
        .join('\n'),
    },
    secrets: SECRETS,
  };
}

const LINES = 60;

/** What a person wants to see of a world in which something went wrong. */
export function detailsOf({ programs }: Pick<World, 'programs'>): string {
  return programs
    .flatMap((one) => [`── ${one.name} (${one.ended ?? 'running'}), last lines:`, ...one.lastLines(LINES)])
    .join('\n');
}

/** How a case of faults ends. */
export interface FinishOptions {
  /** When the last fault ended, on the monotonic clock. */
  readonly endedAt: number;
  readonly boundSeconds: number;
  readonly allowance?: Allowance;
  /** Programs that are still at work and must end well. Default: all that run. */
  readonly running?: readonly Program[];
  /** Probes that were watched. */
  readonly liveness?: readonly ProbeWatch[];
}

/** The longest that a program may take to stop when nothing is under way, in ms. */
const STOP_MS = 40_000;

/** Waits until all is done, stops the programs, and judges what the sandbox saw. */
export async function finish(world: World, options: FinishOptions): Promise<Finding> {
  const { endedAt, boundSeconds, allowance = {}, liveness = [] } = options;
  const isSettled = (): boolean => violations(progressOf(world), allowance, IN_THE_END).length === 0;
  await waitUntil(isSettled, boundSeconds * 2000 + 20_000);
  const recoverySeconds = Math.max(0, (systemClock.monotonic() - endedAt) / 1000);
  // People are told a moment after the deed.
  await waitUntil(() => violations(progressOf(world), allowance, ['people told']).length === 0, 5000);
  const answers = liveness.map((probe) => [...probe.answers]);
  const running = options.running ?? world.programs;
  // A queue-processor lets its last long polls end by themselves; 20 s of nothing show no more than a moment of it.
  using _polls = repeat(systemClock, 250, () => world.sandbox.aws.sqs.endPolls());
  const badEnds = (await Promise.all(running.map(badEnd))).flat();
  const found = violations({ ...evidenceOf(world), badEnds, liveness: answers }, allowance);
  return { recoverySeconds, boundSeconds, violations: found, ...(found.length > 0 && { details: detailsOf(world) }) };
}

async function badEnd(program: Program): Promise<readonly string[]> {
  if (!program.isRunning) return [`${program.name} ended by itself`];
  const code = await program.stop(STOP_MS);
  if (program.ended === 'signal SIGKILL') return [`${program.name} did not stop within ${STOP_MS / 1000} s`];
  return code === 0 ? [] : [`${program.name} ended with code ${code ?? 'none'} when it was told to stop`];
}
