import { pod, seededRandom } from '@node-termination-handler/sandbox';
import type { KubernetesObject, KubernetesObjectInput } from '@node-termination-handler/sandbox';
import { REBOOT_MS, takeBack } from '../faults/ends.ts';
import type { Interruption } from '../faults/ends.ts';
import { FOREIGN, GROUP } from '../faults/world.ts';
import type { World } from '../faults/world.ts';
import type { Cast } from './cast.ts';

/** What operators and the ground beneath do to programs and services. */
export type Operation =
  /** The wall clock of a program's host is set, and runs at another speed from then on. */
  | { readonly kind: 'clock'; readonly program: string; readonly byMs: number; readonly rate: number }
  /** A program is told to end, and another release of it begins a while later, with these settings besides. */
  | {
      readonly kind: 'upgrade';
      readonly program: string;
      readonly env: Readonly<Record<string, string>>;
      readonly forMs: number;
    }
  /** The host of a program is lost with it, and another pod in its place begins elsewhere, under a name of its own. */
  | { readonly kind: 'lost-host'; readonly program: string; readonly forMs: number }
  /** AWS Health tells of a node's maintenance in two hours, and closes that; a copy of the first message may come after all. */
  | { readonly kind: 'maintenance'; readonly node: number; readonly forMs: number; readonly comesAgain: boolean }
  /** An instance is stopped, and started again so long after. */
  | { readonly kind: 'restart'; readonly node: number; readonly forMs: number }
  /** A group takes an instance back into its warm pool, where it runs on, and launches it out of that so long after. */
  | { readonly kind: 'warm-pool'; readonly node: number; readonly forMs: number }
  /** A group takes an instance back into its warm pool, where it sleeps and is no node, and ends it there so long after. */
  | { readonly kind: 'pool-end'; readonly node: number; readonly forMs: number }
  /** The metadata tell that an instance is in service, and so long after that it goes back into its warm pool. */
  | { readonly kind: 'warmed'; readonly node: number; readonly forMs: number }
  /** A program runs in a pod on a node, and ends when that is told to; another one begins elsewhere at once. */
  | { readonly kind: 'home'; readonly node: number; readonly program: string; readonly graceSeconds: number }
  /** The host of an agent is rebooted when its metadata say so: in a minute; another agent begins there so long after. */
  | { readonly kind: 'reboot'; readonly agent: string; readonly node: number; readonly forMs: number }
  /** The Go handler was rolled back to for a while, and has left a node marked for a reboot that nobody tells of any more. */
  | { readonly kind: 'rollback'; readonly node: number }
  /** The object of a node is deleted, and its kubelet registers it anew so long after, with nobody's marks. */
  | { readonly kind: 'registration'; readonly node: number; readonly forMs: number }
  /** EC2 tells for a while what was so long ago. */
  | { readonly kind: 'ec2-lag'; readonly lagMs: number; readonly forMs: number };

/** An operation at a moment, in ms since the begin of a play. */
export type PlannedOperation = Operation & { readonly atMs: number };

/** What releases differ by, and no invariant depends on. */
const RELEASES: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { TAINT_NODE: 'false' },
  { TAINT_EFFECT: 'PreferNoSchedule' },
  { EXCLUDE_FROM_LOAD_BALANCERS: 'true' },
  { EMIT_NODE_CONDITIONS: 'true' },
  { WORKERS: '1' },
  { KUBE_API_QPS: '5', KUBE_API_BURST: '5' },
];

/** Hooks are completed a while after their nodes are empty. */
export const DELAYED: Readonly<Record<string, string>> = { COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '15' };

/** By how much clocks are set, in ms: as a time service steps them, and as a host does that wakes up. */
const STEPS_MS = [1500, 40_000, 240_000, 3_600_000];

/** What all programs of the play of a seed are started with besides: in three of four plays nothing. */
export function makeSettings(seed: number): Readonly<Record<string, string>> {
  const random = seededRandom(seed ^ 0x5e77);
  if (random() < 0.75) return {};
  return random() < 0.4 ? DELAYED : (RELEASES[Math.floor(random() * RELEASES.length)] ?? {});
}

/** What happens in the play of a seed, in a third of all plays. */
export function makeOperations(
  seed: number,
  nodes: number,
  { processors, agents }: { readonly processors: readonly string[]; readonly agents: readonly string[] },
): readonly PlannedOperation[] {
  const programs = [...processors, ...agents];
  const random = seededRandom(seed ^ 0x0b5e);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
  const lots: readonly (() => Operation)[] = [
    () => {
      const byMs = pick(STEPS_MS) * (random() < 0.5 ? -1 : 1);
      return { kind: 'clock', program: pick(programs), byMs, rate: 0.998 + random() * 0.004 };
    },
    () => ({ kind: 'upgrade', program: pick(programs), env: pick(RELEASES), forMs: 200 + upTo(4000) }),
    // AWS tells moments in whole seconds: what is taken back within one is in no order.
    () => ({ kind: 'maintenance', node: upTo(nodes), forMs: 2000 + upTo(8000), comesAgain: random() < 0.5 }),
    () => ({ kind: 'lost-host', program: pick(processors), forMs: 500 + upTo(5000) }),
    () => ({ kind: 'ec2-lag', lagMs: 1000 + upTo(12_000), forMs: 1000 + upTo(12_000) }),
  ];
  const count = random() < 0.65 ? 0 : 1 + upTo(2);
  return Array.from({ length: count }, () => ({ ...pick(lots)(), atMs: upTo(8000) }));
}

/** Within how long marks that another program has left must be seen, in ms. */
const SEEN_WITHIN_MS = 90_000;

/** Marks a node as the Go handler does before a reboot. */
function leaveMarks({ sandbox: { kubernetes }, record }: World, name: string): void {
  const node = kubernetes.get({ kind: 'Node', name });
  if (node === undefined) return;
  for (const mark of ['cordon', 'labels for its reboot'])
    record.history.excuse(name, `nothing asks for the ${mark}`, Date.now() + SEEN_WITHIN_MS);
  const labels = {
    ...node.metadata.labels,
    'aws-node-termination-handler/event-id': 'instance-event-0d59937288b749b32',
    'aws-node-termination-handler/action': 'UncordonAfterReboot',
    'aws-node-termination-handler/action-time': String(Math.floor(Date.now() / 1000)),
  };
  const spec = { ...(node.spec as object), unschedulable: true };
  kubernetes.put({ ...node, metadata: { ...node.metadata, labels }, spec });
}

/** Where an operation is done. */
interface Place {
  readonly world: World;
  readonly cast: Cast;
  readonly at: (ms: number) => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly start: (pod: string) => unknown;
}

/** How the pod is called that comes in place of one whose host is lost. */
export const successorName = (program: string): string => `${program}-anew`;

/** Gives a program a pod of its own on a node. */
function moveIn(
  { node, program: name, graceSeconds }: Extract<Operation, { kind: 'home' }>,
  { world: { sandbox, going }, cast, start }: Pick<Place, 'world' | 'cast' | 'start'>,
): void {
  const { kubernetes } = sandbox;
  const namespace = 'kube-system';
  kubernetes.setPodBehaviour(namespace, name, { endsAfterMs: 'never' });
  kubernetes.put(pod({ name, namespace, node: going[node] ?? '', owner: 'ReplicaSet', graceSeconds }));
  const stop = kubernetes.onChange(({ object: { kind, metadata } }) => {
    if (kind !== 'Pod' || metadata.name !== name || metadata.deletionTimestamp === undefined) return;
    stop();
    const program = cast.program(name);
    // One whose host is lost has its successor.
    if (program !== undefined) start(successorName(name));
    void Promise.resolve(program?.stop(graceSeconds * 1000)).then(() => {
      cast.forget(name);
      kubernetes.remove({ kind, namespace, name });
    });
  });
}

/** A node as its kubelet registers it, once the object is gone: with what it is configured to say, and without what was written since. */
function registered({ apiVersion, kind, metadata: { name }, spec, status }: KubernetesObject): KubernetesObjectInput {
  const { providerID } = spec as { readonly providerID?: string };
  const { label, annotation, taint } = FOREIGN;
  const labels = { 'kubernetes.io/hostname': name, [label[0]]: label[1] };
  const metadata = { name, labels, annotations: { [annotation[0]]: annotation[1] } };
  return { apiVersion, kind, metadata, spec: { providerID, taints: [taint] }, status };
}

/** Waits until nothing holds a lifecycle action any more: before that its group does nothing else with the instance. */
async function untilOver({ token }: Interruption, { world, sleep }: Pick<Place, 'world' | 'sleep'>): Promise<void> {
  const { autoScaling } = world.sandbox.aws;
  while (autoScaling.actions().some((action) => action.token === token && action.state === 'waiting')) await sleep(500);
}

/** Does an operation, and ends what it has begun. */
export async function operate(operation: PlannedOperation, { world, cast, at, sleep, start }: Place): Promise<void> {
  switch (operation.kind) {
    case 'clock':
      cast.setClock(operation.program, operation);
      return;
    case 'upgrade': {
      const { program: pod, env, forMs } = operation;
      cast.configure(pod, env);
      const program = cast.program(pod);
      if (program?.isRunning !== true) return;
      await program.stop(60_000);
      await sleep(forMs);
      if (cast.program(pod)?.isRunning !== true) start(pod);
      return;
    }
    case 'lost-host': {
      const program = cast.program(operation.program);
      if (program?.isRunning !== true) return;
      await program.kill();
      cast.forget(operation.program);
      await sleep(operation.forMs);
      start(successorName(operation.program));
      return;
    }
    case 'maintenance': {
      const interruption = await world.interrupt(world.going[operation.node] ?? '', 'health');
      await at(operation.atMs + operation.forMs);
      await takeBack(world.sandbox, interruption);
      const { body } = world.sandbox.aws.sqs.message(interruption.messageId ?? '') ?? {};
      await sleep(1500);
      if (operation.comesAgain && body !== undefined) await world.sandbox.aws.sqs.send(body);
      return;
    }
    case 'restart': {
      const node = world.going[operation.node] ?? '';
      const stopping = await world.interrupt(node, 'stopping');
      await at(operation.atMs + operation.forMs / 2);
      const stopped = await world.interrupt(node, 'stopped');
      await at(operation.atMs + operation.forMs);
      stopping.isTakenBack = true;
      await takeBack(world.sandbox, stopped);
      return;
    }
    case 'warm-pool': {
      const { autoScaling } = world.sandbox.aws;
      autoScaling.putGroup({ name: GROUP, pool: { state: 'Running', reusesOnScaleIn: true } });
      const transition = 'autoscaling:EC2_INSTANCE_LAUNCHING';
      autoScaling.putHook({ name: 'join', group: GROUP, transition, heartbeatTimeoutSeconds: 300 });
      const interruption = await world.interrupt(world.going[operation.node] ?? '', 'lifecycle');
      await at(operation.atMs + operation.forMs);
      await untilOver(interruption, { world, sleep });
      await takeBack(world.sandbox, interruption);
      return;
    }
    case 'pool-end': {
      const node = world.going[operation.node] ?? '';
      const { aws, kubernetes } = world.sandbox;
      aws.autoScaling.putGroup({ name: GROUP, pool: { state: 'Stopped', reusesOnScaleIn: true } });
      const interruption = await world.interrupt(node, 'lifecycle');
      await at(operation.atMs + operation.forMs);
      await untilOver(interruption, { world, sleep });
      world.record.lose(node);
      kubernetes.remove({ kind: 'Node', name: node });
      await world.interrupt(node, 'lifecycle');
      return;
    }
    case 'warmed': {
      const node = world.going[operation.node] ?? '';
      world.sandbox.imdsOf(node).setLifecycleState('InService');
      await at(operation.atMs + operation.forMs);
      await world.interrupt(node, 'warmed');
      return;
    }
    case 'home':
      moveIn(operation, { world, cast, start });
      return;
    case 'reboot': {
      const interruption = await world.interrupt(world.going[operation.node] ?? '', 'reboot');
      await at(operation.atMs + REBOOT_MS);
      cast.computer(operation.agent)?.crash();
      await sleep(operation.forMs);
      cast.reboot(operation.agent);
      await takeBack(world.sandbox, interruption);
      start(operation.agent);
      return;
    }
    case 'rollback':
      leaveMarks(world, world.going[operation.node] ?? '');
      return;
    case 'registration': {
      const name = world.going[operation.node] ?? '';
      const { kubernetes } = world.sandbox;
      const node = kubernetes.get({ kind: 'Node', name });
      // What a person has decided is gone with the object: nobody could know of it.
      if (node === undefined || world.record.releasedAt(name) !== undefined) return;
      kubernetes.remove({ kind: 'Node', name });
      await at(operation.atMs + operation.forMs);
      kubernetes.put(registered(node));
      return;
    }
    case 'ec2-lag': {
      const { ec2 } = world.sandbox.aws;
      ec2.setLag(operation.lagMs);
      await at(operation.atMs + operation.forMs);
      ec2.setLag(0);
    }
  }
}
