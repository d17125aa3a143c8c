import { systemClock } from '@node-termination-handler/clock';
import { pod } from '@node-termination-handler/sandbox';
import type { KubernetesObject } from '@node-termination-handler/sandbox';
import type { Case, Finding } from '../../case.ts';
import { disagreements, recordedCauses } from '../../node-record.ts';
import type { Program } from '../../program.ts';
import { waitUntil } from '../../wait.ts';
import { detailsOf, scene, untilAtWork } from '../course.ts';
import { GROUP } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';

const group = 'groups';

/** What a group does with an instance again and again. */
type Cycle = 'pool' | 'root volume';

/** How many instances there are, and how often each goes its way. */
const INSTANCES = 2;

/** How long EC2 takes to stop, start or boot an instance, in ms: AWS says moments in whole seconds, and no host comes back within one. */
const POWER_MS = 2000;

/** How long one way of a cycle may take, in ms, on a machine that has much to do. */
const WAY_MS = 60_000;

function worldOf(cycle: Cycle): WorldOptions {
  const hook = { group: GROUP, heartbeatTimeoutSeconds: 300 } as const;
  return {
    going: INSTANCES,
    sandbox: {
      bootMs: 200,
      aws: { powerMs: POWER_MS, queue: { visibilityTimeoutSeconds: 30 } },
      groups: [
        {
          ...{ name: GROUP, sendsEvents: true },
          ...(cycle === 'pool' && { pool: { state: 'Stopped', reusesOnScaleIn: true } }),
        },
      ],
      hooks: [
        { ...hook, name: 'drain', transition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
        { ...hook, name: 'ready', transition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
      ],
    },
  };
}

/** What keeps a node out of service, in words: its cordon, our marks, and a record that asks for them. */
function keptOut(node: KubernetesObject | undefined): readonly string[] {
  const isUnschedulable = (node?.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true;
  const causes = recordedCauses(node);
  return [
    ...(isUnschedulable ? ['it is cordoned'] : []),
    ...(causes.length > 0 ? [`its record tells of ${causes.join(', ')}`] : []),
    ...disagreements(node),
  ];
}

/** Watches that a node is in service exactly while its group says so, and that nothing runs on an instance that its group takes away. */
class Watch implements Disposable {
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #stack = new DisposableStack();

  constructor(world: World) {
    this.#world = world;
    const { aws, kubernetes } = world.sandbox;
    for (const node of world.going) {
      const id = world.sandbox.instanceIdOf(node);
      const inService = (): boolean => aws.autoScaling.instance(id)?.lifecycleState === 'InService';
      this.#stack.defer(
        aws.autoScaling.onChange(({ instanceId, lifecycleState: state }) => {
          if (instanceId !== id) return;
          if (state === 'InService') this.#mustBeInService(node);
          if (state === 'Warmed:Pending:Proceed' || state === 'ReplacingRootVolume:Proceed') this.#mustBeEmpty(node);
        }),
      );
      this.#stack.defer(
        kubernetes.onChange(({ object }) => {
          if (object.kind === 'Node' && object.metadata.name === node && inService()) this.#mustBeInService(node);
        }),
      );
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #node(name: string): KubernetesObject | undefined {
    return this.#world.sandbox.kubernetes.get({ kind: 'Node', name });
  }

  #mustBeInService(node: string): void {
    for (const what of keptOut(this.#node(node))) this.violations.push(`${node} is InService, and ${what}`);
  }

  #mustBeEmpty(node: string): void {
    if (keptOut(this.#node(node)).length === 0) this.violations.push(`${node} goes, and is in service`);
    const pods = this.#world.sandbox.kubernetes.list({ kind: 'Pod', fieldSelector: `spec.nodeName=${node}` });
    const left = pods.filter(({ metadata }) => !metadata.name.startsWith('daemon-'));
    if (left.length > 0)
      this.violations.push(`${node} goes with ${left.map(({ metadata }) => metadata.name).join(', ')}`);
  }
}

/** Starts a node's agent with each boot of its host and ends it with the host, and lets EC2 tell of what it does. */
function host(world: World, node: string): Disposable {
  const { aws, instanceIdOf } = world.sandbox;
  const id = instanceIdOf(node);
  const start = (): Program =>
    world.start('imds-agent', { node, podName: `agent-${node}`, env: { ENABLE_ASG_LIFECYCLE_DRAINING: 'true' } });
  let agent = start();
  const stop = aws.ec2.onPower((instanceId, change) => {
    if (instanceId !== id) return;
    void agent.kill();
    if (change === 'stopped') void aws.sendStateChange(id, 'stopping').then(() => aws.sendStateChange(id, 'stopped'));
    if (change !== 'booted') return;
    agent = start();
    if (aws.autoScaling.instance(id)?.lifecycleState === 'Pending') void aws.sendStateChange(id, 'running');
  });
  return { [Symbol.dispose]: stop };
}

/** Takes an instance out of service with a pod on it, and back into it. @returns what went wrong */
async function goAround(world: World, node: string, number: number, cycle: Cycle): Promise<string | undefined> {
  const { aws, instanceIdOf, kubernetes } = world.sandbox;
  const id = instanceIdOf(node);
  kubernetes.put(pod({ name: `web-${node}-${number}`, node, owner: 'ReplicaSet', ownerName: 'web', endsAfterMs: 100 }));
  const until = async (state: string): Promise<string | undefined> => {
    const now = (): string => aws.autoScaling.instance(id)?.lifecycleState ?? 'gone';
    if (await waitUntil(() => now() === state, WAY_MS)) return undefined;
    return `${node} is ${now()} in its ${number}th round, not ${state}`;
  };
  if (cycle === 'root volume') {
    aws.autoScaling.replaceRootVolume(id);
    return await until('InService');
  }
  aws.autoScaling.scaleIn(id);
  const asleep = await until('Warmed:Stopped');
  if (asleep !== undefined) return asleep;
  aws.autoScaling.scaleOut(id);
  return await until('InService');
}

/** Sends each instance its way so many times, one after the other; the instances side by side. */
function cycled(name: string, cycle: Cycle, times: number): Case {
  return scene(group, `${name} (both programs)`, worldOf(cycle), async (world): Promise<Finding> => {
    using watch = new Watch(world);
    using hosts = new DisposableStack();
    for (const node of world.going) hosts.use(host(world, node));
    const processor = world.start('queue-processor');
    await untilAtWork(world);
    const { aws } = world.sandbox;
    const ends = await Promise.all(
      world.going.map(async (node) => {
        for (let number = 1; number <= times; number++) {
          const wrong = await goAround(world, node, number, cycle);
          if (wrong !== undefined) return wrong;
        }
        return undefined;
      }),
    );
    const endedAt = systemClock.monotonic();
    const left = (): number => aws.sqs.messages().filter(({ deletedAt }) => deletedAt === undefined).length;
    await waitUntil(() => left() === 0, WAY_MS);
    const recoverySeconds = (systemClock.monotonic() - endedAt) / 1000;
    hosts.dispose();
    const code = await processor.stop();
    const found = [
      ...ends.filter((end) => end !== undefined),
      ...new Set([...watch.violations, ...world.record.history.disagreements]),
      ...(left() === 0 ? [] : [`${left()} messages are left`]),
      ...aws.autoScaling.refused().map(({ call, instanceId = '?' }) => `done twice: ${call} of ${instanceId}`),
      ...aws.autoScaling
        .actions()
        .filter(({ result }) => result !== 'CONTINUE')
        .map(({ hook, state }) => `the hook ${hook.name} ended as ${state}`),
      ...world.sandbox.unknown().map((what) => `asked for ${what}`),
      ...(code === 0 ? [] : [`the queue-processor ended with code ${code ?? 'none'}`]),
    ];
    return {
      recoverySeconds,
      violations: found,
      ...(found.length > 0 && { details: detailsOf({ programs: [processor, ...world.programs.slice(-INSTANCES)] }) }),
    };
  });
}

/** More than the record on a node has room for if it forgot nothing. */
const ROUNDS = 50;

/** What groups do with instances that come back. */
export const groupScenes: readonly Case[] = [
  cycled(`a warm pool takes instances in and gives them out ${ROUNDS} times`, 'pool', ROUNDS / INSTANCES),
  cycled('root volumes are replaced ten times', 'root volume', 10 / INSTANCES),
];
