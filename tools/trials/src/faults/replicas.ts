import { sleep, systemClock } from '@node-termination-handler/clock';
import { seededRandom } from '@node-termination-handler/sandbox';
import { andAlso, playAll, runCase } from '../case.ts';
import type { CaseResult, PlayOptions } from '../case.ts';
import type { Program } from '../program.ts';
import { waitUntil } from '../wait.ts';
import { evidenceOf, finish, untilAnswering, untilAtWork } from './course.ts';
import { violations } from '../invariants.ts';
import { startWorld } from './world.ts';
import type { World } from './world.ts';

/** A step of the sequence, and how the sandbox sees that it has come. */
interface KillStep {
  readonly name: string;
  /** Has the step been reached for the node of the world's first interruption? */
  readonly isReached: (world: World) => boolean;
}

const requests = ({ sandbox }: World) => sandbox.kubernetes.requests();

function first(world: World) {
  return world.interruptions[0];
}

function message(world: World) {
  const id = first(world)?.messageId;
  return id === undefined ? undefined : world.sandbox.aws.sqs.message(id);
}

/** Every step between the receipt of a message and its deletion, in order. */
const killSteps: readonly KillStep[] = [
  { name: 'after the message was received', isReached: (world) => (message(world)?.receives.length ?? 0) > 0 },
  {
    name: 'before the mark: the instance was looked up',
    isReached: ({ sandbox }) => sandbox.aws.calls('ec2', 'DescribeInstances').length > 0,
  },
  {
    name: 'after the mark',
    isReached: (world) =>
      requests(world).some(({ verb, resource, code }) => verb === 'patch' && resource === 'nodes' && code === 200),
  },
  {
    name: 'before the first eviction: the pods were listed',
    isReached: (world) => requests(world).some(({ verb, resource }) => verb === 'list' && resource === 'pods'),
  },
  {
    name: 'after the first eviction',
    isReached: (world) => requests(world).some(({ subresource, code }) => subresource === 'eviction' && code === 201),
  },
  {
    name: 'in the middle: the first pod is gone',
    isReached: ({ record }) => record.pods.some(({ goneAt }) => goneAt !== undefined),
  },
  {
    name: 'before the completion: the last pod is gone',
    isReached: (world) => world.record.emptyAt(first(world)?.node ?? '') !== undefined,
  },
  {
    name: 'after the completion',
    isReached: ({ sandbox }) => sandbox.aws.autoScaling.actions().some(({ state }) => state === 'completed'),
  },
  { name: 'after the deletion', isReached: (world) => message(world)?.deletedAt !== undefined },
];

/** A dead program's message is invisible for 4 s and its claim is believed for 20 s; then another takes over. */
const BOUND_SECONDS = 30;

/** Kills a queue-processor at one step; another replica, which waited beside it, must end what it began. */
function playStep(step: KillStep): Promise<CaseResult> {
  return runCase({ group: 'SIGKILL', name: step.name }, async () => {
    await using world = await startWorld({ slowMs: 1500, imds: false });
    const program = world.start('queue-processor', { podName: 'first' });
    await untilAtWork(world);
    await world.interrupt(world.going[0] ?? '', 'lifecycle');
    const isReached = await waitUntil(() => step.isReached(world), 20_000);
    await program.kill();
    const endedAt = systemClock.monotonic();
    const second = world.start('queue-processor', { podName: 'second' });
    await untilAnswering(second);
    // A request that was answered when its client had died may be made again; what it did is the same.
    const allowance = { repeats: true, silentWebhook: true };
    const finding = await finish(world, { endedAt, boundSeconds: BOUND_SECONDS, allowance, running: [second] });
    // Whoever dies, no pod is evicted again.
    const evictedTwice = violations(evidenceOf(world), {}, ['evicted twice']);
    return andAlso(finding, [...(isReached ? [] : ['the step was never reached']), ...evictedTwice]);
  });
}

/** How long programs are killed, and how many instances go meanwhile. */
interface KillingOptions {
  readonly seconds: number;
  readonly terminations: number;
  readonly seed: number;
}

const REPLICAS = ['one', 'two', 'three'] as const;
/** Between two kills, in ms: a replica must be able to start, and to get something done. */
const PAUSE_MS = 1500;
const RANDOM_PAUSE_MS = 2500;

/** Three replicas, one of which is killed every few seconds, while instances are terminated all the time. */
function playKillingLoop({ seconds, terminations, seed }: KillingOptions): Promise<CaseResult> {
  const name = `three queue-processors under SIGKILL for ${seconds} s, ${terminations} terminations (seed ${seed})`;
  return runCase({ group: 'SIGKILL', name }, async () => {
    await using world = await startWorld({ going: terminations, slowMs: 1000, imds: false });
    const running: Program[] = [];
    for (const podName of REPLICAS) running.push(world.start('queue-processor', { podName }));
    await untilAtWork(world);
    const random = seededRandom(seed);
    const until = systemClock.monotonic() + seconds * 1000;

    const terminate = async (): Promise<void> => {
      for (const node of world.going) {
        await world.interrupt(node, 'lifecycle');
        await sleep(systemClock, (seconds * 1000) / terminations);
      }
    };
    const kill = async (): Promise<void> => {
      while (systemClock.monotonic() < until) {
        await sleep(systemClock, PAUSE_MS + random() * RANDOM_PAUSE_MS);
        const index = Math.floor(random() * REPLICAS.length);
        await running[index]?.kill();
        running[index] = world.start('queue-processor', { podName: REPLICAS[index] ?? '' });
      }
    };
    await Promise.all([terminate(), kill()]);
    await Promise.all(running.map(untilAnswering));
    const finding = await finish(world, {
      endedAt: systemClock.monotonic(),
      boundSeconds: 60,
      // Who is killed between the deed and its record can't know, and tells people again; the service refuses a second completion.
      allowance: { repeats: true, silentWebhook: true },
      running,
    });
    const kills = world.programs.length - REPLICAS.length;
    return andAlso(finding, kills < seconds / 5 ? [`only ${kills} were killed`] : []);
  });
}

/** Three replicas and a burst: one drain for each node, one completion for each hook, one notification for each phase. */
function playThreeReplicas(): Promise<CaseResult> {
  return runCase(
    { group: 'replicas', name: 'three queue-processors, 12 terminations: each is done once' },
    async () => {
      await using world = await startWorld({ going: 12, slowMs: 1000, imds: false });
      for (const podName of ['one', 'two', 'three']) world.start('queue-processor', { podName });
      await untilAtWork(world);
      await Promise.all(world.going.map((node) => world.interrupt(node, 'lifecycle')));
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  );
}

/** Agent and queue-processor learn of the same interruption: the node is drained once. */
function playBothPrograms(): Promise<CaseResult> {
  return runCase(
    { group: 'replicas', name: 'agent and two queue-processors for one node: it is drained once' },
    async () => {
      await using world = await startWorld({ slowMs: 1500 });
      const [node = ''] = world.going;
      world.start('imds-agent', { node });
      world.start('queue-processor', { podName: 'one' });
      world.start('queue-processor', { podName: 'two' });
      await untilAtWork(world);
      await Promise.all([world.interrupt(node, 'metadata'), world.interrupt(node, 'lifecycle')]);
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  );
}

/** How the replicas are tried. */
export interface ReplicasOptions extends PlayOptions {
  /** A shorter loop: 20 s and 30 terminations instead of three minutes and 300. */
  readonly quick: boolean;
}

/** Tries several replicas, and replicas that die at every step. */
export function runReplicas(options: ReplicasOptions): Promise<readonly CaseResult[]> {
  const loop = options.quick
    ? { seconds: 20, terminations: 30, seed: 1 }
    : { seconds: 180, terminations: 300, seed: 1 };
  const cases = [
    () => playKillingLoop(loop),
    playThreeReplicas,
    playBothPrograms,
    ...killSteps.map((step) => () => playStep(step)),
  ];
  return playAll(cases, options);
}
