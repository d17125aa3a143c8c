import { systemClock } from '@node-termination-handler/clock';
import { endsAfterAnnotation, pod, podDisruptionBudget, seededRandom } from '@node-termination-handler/sandbox';
import type { KubernetesObject } from '@node-termination-handler/sandbox';
import { ALL_REFUSED, denial, refuse, silence } from '../faults/admission.ts';
import type { Refused } from '../faults/admission.ts';
import type { World } from '../faults/world.ts';

/** Pods that a drain has rules of their own for. */
const SPECIAL_PODS = {
  'a pod of a DaemonSet that is gone': { owner: 'DaemonSet', ownerName: 'gone' },
  'a pod of a Job that forgives disruptions': { owner: 'Job', ownerName: 'web', graceSeconds: 8 },
  'a pod of a Job that has ended and is still to be counted': {
    ...{ owner: 'Job', phase: 'Succeeded', finalizers: ['batch.kubernetes.io/job-tracking'] },
  },
} as const satisfies Readonly<Record<string, Partial<Parameters<typeof pod>[0]>>>;

/** The names of all. */
export const SPECIAL_POD_NAMES = Object.keys(SPECIAL_PODS) as readonly (keyof typeof SPECIAL_PODS)[];

/** What people do to the cluster while the programs work, and not for their sake. Nodes are counted from 0. */
export type Deed =
  | { readonly kind: 'uncordon' | 'rollout'; readonly node: number }
  /** `kubectl delete pod` of the so-many-th of the node's pods that are there, which takes so long to end. */
  | { readonly kind: 'deletion'; readonly node: number; readonly pod: number; readonly endsAfterMs: number }
  /** The scheduler puts a pod on the node, if it takes pods; one that is late has chosen it before, and puts it there whatever has become of it. */
  | { readonly kind: 'newcomer'; readonly node: number; readonly graceSeconds: number; readonly isLate: boolean }
  /**
   * A pod of a StatefulSet that a budget keeps for a while. A person deletes it all the same, and it begins again under its name on another
   * node.
   */
  | { readonly kind: 'stateful'; readonly node: number; readonly forMs: number; readonly deletedAfterMs: number }
  | { readonly kind: 'special-pod'; readonly node: number; readonly what: keyof typeof SPECIAL_PODS }
  /** A pod that is put on the node by its name, whatever becomes of the node, and so again each time it is gone. */
  | { readonly kind: 'named-pod'; readonly node: number; readonly forMs: number }
  /** So many pods, whose evictions a webhook lets hang. */
  | { readonly kind: 'crowd'; readonly node: number; readonly pods: number; readonly forMs: number }
  /** The control plane hears no more of the node's kubelet, and nobody ends its pods. */
  | { readonly kind: 'silent-kubelet'; readonly node: number }
  /** The API server says of one eviction that it is done, and does nothing. */
  | { readonly kind: 'forgotten' }
  /** One eviction finds no seat with the API server, whose flow control asks to come again so much later. */
  | { readonly kind: 'throttle'; readonly retryAfterSeconds: number }
  /** A budget that lets no pod of the web servers go. */
  | { readonly kind: 'budget'; readonly forMs: number }
  | { readonly kind: 'webhook'; readonly denies: Refused; readonly code: number; readonly forMs: number };

/** A deed at a moment, in ms since the begin of a play. */
export type PlannedDeed = Deed & { readonly atMs: number };

/** How long the controller of a StatefulSet takes for a pod in place of one that is gone, in ms. */
const BACK_AFTER_MS = 50;

/** The longest that an API server waits for a webhook, in ms. */
const LONGEST_SILENCE_MS = 30_000;

const EVICTION = { verb: 'create', resource: 'pods', subresource: 'eviction' };

const CODES = [400, 403, 404, 409, 422, 429, 500, 503];

/** What people do in the play of a seed: in half of all plays nothing. */
export function makeDeeds(seed: number, nodes: number): readonly PlannedDeed[] {
  const random = seededRandom(seed ^ 0x9e0f);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const deeds: PlannedDeed[] = [];
  for (let count = random() < 0.5 ? 0 : 1 + upTo(4); count > 0; count -= 1) {
    const node = upTo(nodes);
    const atMs = upTo(random() < 0.3 ? 2000 : 12_000);
    const lots: readonly (() => Deed)[] = [
      () => ({ kind: 'uncordon', node }),
      () => ({ kind: 'rollout', node }),
      () => ({ kind: 'deletion', node, pod: upTo(4), endsAfterMs: upTo(20_000) }),
      () => ({ kind: 'newcomer', node, graceSeconds: 1 + upTo(30), isLate: false }),
      () => ({ kind: 'newcomer', node, graceSeconds: 1 + upTo(30), isLate: true }),
      () => ({ kind: 'budget', forMs: 1000 + upTo(8000) }),
      () => {
        const denies = ALL_REFUSED[upTo(ALL_REFUSED.length)] ?? 'evictions';
        return { kind: 'webhook', denies, code: CODES[upTo(CODES.length)] ?? 400, forMs: 500 + upTo(6000) };
      },
    ];
    const deed = lots[upTo(lots.length)]?.();
    if (deed === undefined) continue;
    deeds.push({ ...deed, atMs });
    // Whoever uncordons a node does it for the pods that then come, and may have to do it again.
    if (deed.kind !== 'uncordon') continue;
    if (random() < 0.6) {
      const graceSeconds = 1 + upTo(30);
      deeds.push({ kind: 'newcomer', node, graceSeconds, isLate: false, atMs: atMs + 1 + upTo(2000) });
    }
    if (random() < 0.3) deeds.push({ kind: 'uncordon', node, atMs: atMs + 1000 + upTo(5000) });
  }
  if (random() < 0.3) {
    const forMs = 1000 + upTo(6000);
    deeds.push({ kind: 'stateful', node: upTo(nodes), forMs, deletedAfterMs: upTo(forMs), atMs: upTo(1000) });
  }
  return deeds;
}

/** Does a deed. @returns what ends it, where it lasts */
export function doDeed(deed: PlannedDeed, world: World): (() => void) | undefined {
  const { sandbox, record, going } = world;
  const { kubernetes } = sandbox;
  switch (deed.kind) {
    case 'uncordon':
      record.release(going[deed.node] ?? '');
      return undefined;
    case 'deletion': {
      // A Job whose pod a person deletes fails by that.
      const there = podsOf(world, deed.node).filter(({ metadata: { name } }) => !name.startsWith('special-'));
      const chosen = there[deed.pod % Math.max(1, there.length)];
      if (chosen !== undefined) endGracefully(world, chosen, deed.endsAfterMs);
      return undefined;
    }
    case 'rollout':
      for (const old of podsOf(world, deed.node)) {
        if (!/^(web|slow)-/.test(old.metadata.name)) continue;
        endGracefully(world, old);
        // Its successor goes back where pods are taken, else elsewhere.
        const node = takesPods(world, deed.node) ? (going[deed.node] ?? '') : 'staying';
        kubernetes.put(pod({ name: `${old.metadata.name}-${deed.atMs}`, node, owner: 'ReplicaSet', ownerName: 'web' }));
      }
      return undefined;
    case 'newcomer': {
      const node = going[deed.node] ?? '';
      const { graceSeconds, isLate } = deed;
      if (isLate || takesPods(world, deed.node)) {
        kubernetes.put(
          pod({ name: `new-${node}-${deed.atMs}`, node, owner: 'ReplicaSet', ownerName: 'new', graceSeconds }),
        );
      }
      return undefined;
    }
    case 'special-pod': {
      const node = going[deed.node] ?? '';
      kubernetes.put(pod({ name: `special-${node}-${deed.atMs}`, node, ...SPECIAL_PODS[deed.what] }));
      return undefined;
    }
    case 'named-pod': {
      const node = going[deed.node] ?? '';
      const named = pod({ name: `named-${node}`, node, owner: 'ReplicaSet', ownerName: 'named', endsAfterMs: 20 });
      kubernetes.put(named);
      return kubernetes.onChange(({ type, object }) => {
        if (object.kind !== 'Pod' || object.metadata.name !== named.metadata.name || type !== 'DELETED') return;
        systemClock.startTimer(BACK_AFTER_MS, () => kubernetes.put(named));
      });
    }
    case 'crowd': {
      const node = going[deed.node] ?? '';
      for (let count = 1; count <= deed.pods; count += 1)
        kubernetes.put(pod({ name: `crowd-${count}`, node, owner: 'ReplicaSet', ownerName: 'crowd' }));
      return refuse(world, { what: 'evictions', refusal: silence(LONGEST_SILENCE_MS), name: /^crowd-/ });
    }
    case 'silent-kubelet': {
      const name = going[deed.node] ?? '';
      const node = kubernetes.get({ kind: 'Node', name });
      if (node === undefined) return undefined;
      record.silence(name);
      kubernetes.put({
        ...node,
        status: { ...(node.status as object), conditions: [{ type: 'Ready', status: 'Unknown' }] },
      });
      for (const there of podsOf(world, deed.node))
        kubernetes.setPodBehaviour('default', there.metadata.name, { endsAfterMs: 'never' });
      return undefined;
    }
    case 'forgotten':
      kubernetes.faults.add({ match: EVICTION, effect: { kind: 'forget' }, times: 1 });
      return undefined;
    case 'throttle': {
      const { retryAfterSeconds } = deed;
      kubernetes.faults.add({ match: EVICTION, effect: { kind: 'flow-control', retryAfterSeconds }, times: 1 });
      return undefined;
    }
    case 'stateful': {
      const node = going[deed.node] ?? '';
      const name = `db-${node}-0`;
      const owner = { owner: 'StatefulSet', ownerName: `db-${node}`, labels: { app: name } } as const;
      kubernetes.put(pod({ name, node, ...owner }));
      kubernetes.put(podDisruptionBudget({ name, matchLabels: { app: name }, maxUnavailable: 0 }));
      const stop = kubernetes.onChange(({ type, object }) => {
        if (object.kind !== 'Pod' || object.metadata.name !== name || type !== 'DELETED') return;
        stop();
        systemClock.startTimer(BACK_AFTER_MS, () => kubernetes.put(pod({ name, node: 'staying', ...owner })));
      });
      systemClock.startTimer(deed.deletedAfterMs, () => {
        const there = kubernetes.get({ kind: 'Pod', namespace: 'default', name });
        const isFirst = there !== undefined && (there.spec as { nodeName?: string }).nodeName === node;
        if (isFirst && there.metadata.deletionTimestamp === undefined) endGracefully(world, there);
      });
      return () => void kubernetes.remove({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name });
    }
    case 'budget': {
      const name = `web-${deed.atMs}`;
      kubernetes.put(podDisruptionBudget({ name, matchLabels: { app: 'web' }, maxUnavailable: 0 }));
      return () => void kubernetes.remove({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name });
    }
    case 'webhook':
      return refuse(world, { what: deed.denies, refusal: denial(deed.code) });
  }
}

/** Pods of a node that a drain takes away, and that are not on their way. */
function podsOf({ sandbox, going }: World, node: number): readonly KubernetesObject[] {
  return sandbox.kubernetes
    .list({ kind: 'Pod', fieldSelector: `spec.nodeName=${going[node] ?? ''}` })
    .filter(({ metadata: { deletionTimestamp, ownerReferences = [] } }) => {
      return deletionTimestamp === undefined && !ownerReferences.some(({ kind }) => kind === 'DaemonSet');
    });
}

function takesPods({ sandbox, going }: World, node: number): boolean {
  const found = sandbox.kubernetes.get({ kind: 'Node', name: going[node] ?? '' });
  return found !== undefined && (found.spec as { unschedulable?: boolean }).unschedulable !== true;
}

/** Tells a pod to end within its own grace, as a deletion through the API does; it takes so long, or as long as it always does. */
function endGracefully({ sandbox }: World, ending: KubernetesObject, endsAfterMs?: number): void {
  const { terminationGracePeriodSeconds: seconds = 30 } = ending.spec as { terminationGracePeriodSeconds?: number };
  const deletionTimestamp = new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, '');
  const annotations = {
    ...ending.metadata.annotations,
    ...(endsAfterMs !== undefined && { [endsAfterAnnotation]: String(endsAfterMs) }),
  };
  const metadata = { ...ending.metadata, annotations, deletionTimestamp, deletionGracePeriodSeconds: seconds };
  sandbox.kubernetes.put({ ...ending, metadata });
}
