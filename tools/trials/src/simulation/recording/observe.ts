import type { KubernetesObject, KubernetesRequest } from '@node-termination-handler/sandbox';
import type { World } from '../../faults/world.ts';

/** Facts about one world, sorted: of each node under its name, of all that concerns no single node under {@link EVERYWHERE}. */
export type Observations = Readonly<Record<string, readonly string[]>>;

/** The place of facts that concern no single node. */
export const EVERYWHERE = 'everywhere';

/** Watches a world from its start on. */
export interface Observer extends Disposable {
  /** What was seen. To be asked when the programs have ended. */
  observations(): Observations;
}

/**
 * Begins to watch. A play is the same each time; these rules are for the next day, when a change of the programs that nobody notices has moved
 * moments by milliseconds, or asks once more:
 *
 * - A fact is there or not; how often something was asked depends on time. Only accepted evictions are counted.
 * - Values are left out of labels, annotations and taints, except the action: they hold ids and moments.
 * - Pods are named by what they are, `web-1` in place of `web-going-1-1`, nodes by `the node`.
 * - Of steps, the first of its kind counts.
 */
export function observe(world: World): Observer {
  const { kubernetes } = world.sandbox;
  const nodes = kubernetes.list({ kind: 'Node' });
  const changes: { readonly node: string; readonly what: string }[] = [];
  const stop = kubernetes.onChange((change) => {
    if (change.type !== 'MODIFIED' || change.object.kind !== 'Node') return;
    changes.push({ node: change.object.metadata.name, what: difference(change.previous, change.object) });
  });
  const ofNode = (before: KubernetesObject): readonly string[] => {
    const node = before.metadata.name;
    return [
      `steps: ${stepsOf(world, node).join(' → ')}`,
      `at the end: ${endOf(world, before)}`,
      ...changes.filter((change) => change.node === node).map(({ what }) => `written: ${what}`),
      ...evictionsOf(world, node),
      ...requestsOf(world, node),
      ...toldOf(world, node),
      ...eventsOf(world, node),
      ...metadataOf(world, node),
    ];
  };
  const sorted = (facts: readonly string[]): readonly string[] => [...new Set(facts)].sort();
  return {
    observations: () => {
      const found: Record<string, readonly string[]> = { [EVERYWHERE]: sorted(everywhere(world)) };
      for (const node of nodes) found[node.metadata.name] = sorted(ofNode(node));
      return found;
    },
    [Symbol.dispose]: stop,
  };
}

interface Taint {
  readonly key: string;
  readonly effect: string;
}

function marksOf({ metadata, spec }: KubernetesObject): readonly string[] {
  const { unschedulable = false, taints = [] } = spec as { unschedulable?: boolean; taints?: readonly Taint[] };
  const { labels = {}, annotations = {} } = metadata;
  return [
    ...(unschedulable ? ['unschedulable'] : []),
    ...taints.map(({ key, effect }) => `taint ${key}:${effect}`),
    ...Object.entries(labels).map(([key, value]) => `label ${key}${key.endsWith('/action') ? `=${value}` : ''}`),
    ...Object.keys(annotations).map((key) => `annotation ${key}`),
  ].sort();
}

function difference(before: KubernetesObject, after: KubernetesObject | undefined): string {
  if (after === undefined) return 'no node';
  const [old, now] = [marksOf(before), marksOf(after)];
  const added = now.filter((mark) => !old.includes(mark)).map((mark) => `+ ${mark}`);
  const removed = old.filter((mark) => !now.includes(mark)).map((mark) => `- ${mark}`);
  return added.length + removed.length === 0 ? 'the same marks' : [...added, ...removed].join(', ');
}

function stepsOf(world: World, node: string): readonly string[] {
  const { record, interruptions, sandbox } = world;
  const pods = podsOf(world, node);
  const evicted = acceptedEvictions(world).find(({ name }) => pods.has(name));
  const sent = interruptions.filter((one) => one.node === node);
  const action = sandbox.aws.autoScaling.actions().find(({ token }) => sent.some((one) => one.token === token));
  const deleted = sent.flatMap(({ messageId }) =>
    messageId === undefined ? [] : [sandbox.aws.sqs.message(messageId)?.deletedAt],
  );
  const steps: readonly (readonly [string, number | undefined])[] = [
    ['cordoned', record.cordonedAt(node)],
    ['evicted', evicted?.at],
    ['emptied', evicted === undefined ? undefined : record.emptyAt(node)],
    [`hook ${action?.state} ${action?.result}`, action?.endedAt],
    ['message deleted', deleted[0]],
  ];
  return steps
    .flatMap(([step, at]) => (at === undefined ? [] : [{ step, at }]))
    .sort((a, b) => a.at - b.at)
    .map(({ step }) => step);
}

function endOf({ sandbox, record }: World, before: KubernetesObject): string {
  const { name: node } = before.metadata;
  const pods = record.pods.filter((pod) => pod.node === node && pod.goneAt === undefined);
  const left = pods.map(({ name }) => kindOf(name, node)).sort();
  return `${difference(before, sandbox.kubernetes.get({ kind: 'Node', name: node }))}; pods ${left.join(', ')}`;
}

function acceptedEvictions({ sandbox }: World): readonly KubernetesRequest[] {
  return sandbox.kubernetes.requests().filter(({ subresource, code }) => subresource === 'eviction' && code === 201);
}

function evictionsOf(world: World, node: string): readonly string[] {
  const byPod = Map.groupBy(acceptedEvictions(world), ({ name }) => name);
  return [...podsOf(world, node)].flatMap((pod) => {
    const count = byPod.get(pod)?.length;
    return count === undefined ? [] : [`eviction of ${kindOf(pod, node)} accepted ×${count}`];
  });
}

/** The node that a request is about, if it is about one. */
function nodeOf({ record }: World, { resource, name, fieldSelector }: KubernetesRequest): string | undefined {
  if (resource === 'nodes') return name || fieldSelector.replace('metadata.name=', '') || undefined;
  if (resource !== 'pods') return undefined;
  return (
    record.pods.find((pod) => pod.name === name)?.node ?? (fieldSelector.replace('spec.nodeName=', '') || undefined)
  );
}

function requestsOf(world: World, node: string): readonly string[] {
  const { kubernetes } = world.sandbox;
  return kubernetes.requests().flatMap((one) => (nodeOf(world, one) === node ? [asked(one)] : []));
}

function everywhere(world: World): readonly string[] {
  const { kubernetes, aws, webhook } = world.sandbox;
  const requests = kubernetes.requests();
  const nodes = new Set(kubernetes.list({ kind: 'Node' }).map(({ metadata }) => metadata.name));
  return [
    ...requests.flatMap((one) => (nodes.has(nodeOf(world, one) ?? '') ? [] : [asked(one)])),
    ...aws.calls().map(({ service, action }) => `called: ${service} ${action}`),
    ...webhook.deliveries().flatMap(({ body }) => {
      const { phase, node } = JSON.parse(body) as { readonly phase: string; readonly node: string };
      return nodes.has(node) ? [] : [`told of no node: ${phase}`];
    }),
  ];
}

/** Phases that were told, and the order in which each was told first. */
function toldOf({ sandbox }: World, node: string): readonly string[] {
  const phases = sandbox.webhook
    .deliveries()
    .filter(({ status = 0 }) => status >= 200 && status < 300)
    .map(({ body }) => JSON.parse(body) as { readonly phase: string; readonly node: string })
    .filter((told) => told.node === node)
    .map(({ phase }) => phase);
  return [...phases.map((phase) => `told: ${phase}`), `told in this order: ${[...new Set(phases)].join(' → ')}`];
}

interface EventFields {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly type: string;
}

function eventsOf(world: World, node: string): readonly string[] {
  const pods = podsOf(world, node);
  return world.sandbox.kubernetes.list({ kind: 'Event' }).flatMap((object) => {
    const { involvedObject, reason, type } = object as KubernetesObject & EventFields;
    const { kind, name } = involvedObject;
    if (kind === 'Node' && name === node) return [`event: ${type} ${reason} of the node`];
    return kind === 'Pod' && pods.has(name) ? [`event: ${type} ${reason} of ${kindOf(name, node)}`] : [];
  });
}

function metadataOf({ sandbox, going }: World, node: string): readonly string[] {
  if (!going.includes(node)) return [];
  const requests = sandbox.imdsOf(node).requests();
  return requests.map(({ method, path }) => `metadata: ${method} ${path}`);
}

function asked({ user, verb, group, resource, subresource, path }: KubernetesRequest): string {
  const named = group === '' ? resource : `${resource}.${group}`;
  const what = resource === '' ? path : subresource === '' ? named : `${named}/${subresource}`;
  return `asked by ${user.replace(/^.*:/, '')}: ${verb} ${what}`;
}

function podsOf({ record }: World, node: string): ReadonlySet<string> {
  return new Set(record.pods.filter((pod) => pod.node === node).map(({ name }) => name));
}

function kindOf(pod: string, node: string): string {
  return pod.replace(`-${node}`, '');
}
