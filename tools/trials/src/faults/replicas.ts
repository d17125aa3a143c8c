import { sleep, systemClock } from '@node-termination-handler/clock';
import { seededRandom } from '@node-termination-handler/sandbox';
import { andAlso, playAll } from '../case.ts';
import type { Case, CaseResult, PlayOptions } from '../case.ts';
import type { Program } from '../program.ts';
import { waitUntil } from '../wait.ts';
import { evidenceOf, finish, scene, untilAnswering, untilAtWork } from './course.ts';
import { violations } from '../invariants.ts';
import type { World } from './world.ts';

const requests = ({ sandbox }: World) => sandbox.kubernetes.requests();

function message({ interruptions, sandbox }: World) {
  const id = interruptions[0]?.messageId;
  return id === undefined ? undefined : sandbox.aws.sqs.message(id);
}

/** Every step between the receipt of a message and its deletion, in order, and how the sandbox sees that it has come. */
const STEPS: Readonly<Record<string, (world: World) => boolean>> = {
  'after the message was received': (world) => (message(world)?.receives.length ?? 0) > 0,
  'before the mark: the instance was looked up': ({ sandbox }) =>
    sandbox.aws.calls('ec2', 'DescribeInstances').length > 0,
  'after the mark': (world) =>
    requests(world).some(({ verb, resource, code }) => verb === 'patch' && resource === 'nodes' && code === 200),
  'before the first eviction: the pods are watched': (world) =>
    requests(world).some(({ verb, resource }) => verb === 'watch' && resource === 'pods'),
  'after the first eviction': (world) =>
    requests(world).some(({ subresource, code }) => subresource === 'eviction' && code === 201),
  'in the middle: the first pod is gone': ({ record }) => record.pods.some(({ goneAt }) => goneAt !== undefined),
  'before the completion: the last pod is gone': ({ record, first }) => record.emptyAt(first) !== undefined,
  'after the completion': ({ sandbox }) => sandbox.aws.autoScaling.actions().some(({ state }) => state === 'completed'),
  'after the deletion': (world) => message(world)?.deletedAt !== undefined,
};

/** A dead program's message is invisible for 4 s and its claim is believed for 20 s; then another takes over. */
const BOUND_SECONDS = 30;

/** Kills a queue-processor at one step; another replica, which waited beside it, must end what it began. */
function killAt(step: string, isReached: (world: World) => boolean): Case {
  return scene('SIGKILL', step, { slowMs: 1500, imds: false }, async (world) => {
    const program = world.start('queue-processor', { podName: 'first' });
    await untilAtWork(world);
    await world.interrupt(world.first, 'lifecycle');
    const wasReached = await waitUntil(() => isReached(world), 20_000);
    await program.kill();
    const endedAt = systemClock.monotonic();
    const second = world.start('queue-processor', { podName: 'second' });
    await untilAnswering(second);
    // A request that was answered when its client had died may be made again; what it did is the same.
    const allowance = { repeats: true, silentWebhook: true };
    const finding = await finish(world, { endedAt, boundSeconds: BOUND_SECONDS, allowance, running: [second] });
    // Whoever dies, no pod is evicted again.
    const evictedTwice = violations(evidenceOf(world), {}, ['evicted twice']);
    return andAlso(finding, [...(wasReached ? [] : ['the step was never reached']), ...evictedTwice]);
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
function killingLoop({ seconds, terminations, seed }: KillingOptions): Case {
  const name = `three queue-processors under SIGKILL for ${seconds} s, ${terminations} terminations (seed ${seed})`;
  return scene('SIGKILL', name, { going: terminations, slowMs: 1000, imds: false }, async (world) => {
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

const several: readonly Case[] = [
  scene(
    'replicas',
    'three queue-processors, 12 terminations: each is done once',
    { going: 12, slowMs: 1000, imds: false },
    async (world) => {
      for (const podName of REPLICAS) world.start('queue-processor', { podName });
      await untilAtWork(world);
      await Promise.all(world.going.map((node) => world.interrupt(node, 'lifecycle')));
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  ),
  scene(
    'replicas',
    'agent and two queue-processors for one node: it is drained once',
    { slowMs: 1500 },
    async (world) => {
      const { first: node } = world;
      world.start('imds-agent', { node });
      for (const podName of ['one', 'two']) world.start('queue-processor', { podName });
      await untilAtWork(world);
      await Promise.all([world.interrupt(node, 'metadata'), world.interrupt(node, 'lifecycle')]);
      return await finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 });
    },
  ),
];

/** How the replicas are tried. */
export interface ReplicasOptions extends PlayOptions {
  /** A shorter loop alone, 20 s and 30 terminations instead of three minutes and 300; the simulation crashes programs at every step, too. */
  readonly quick: boolean;
}

/** Tries several replicas, and replicas that die at every step. */
export function runReplicas(options: ReplicasOptions): Promise<readonly CaseResult[]> {
  const loop = options.quick ? { seconds: 20, terminations: 30 } : { seconds: 180, terminations: 300 };
  const deaths = options.quick ? [] : Object.entries(STEPS).map(([step, isReached]) => killAt(step, isReached));
  return playAll([killingLoop({ ...loop, seed: 1 }), ...several, ...deaths], options);
}
