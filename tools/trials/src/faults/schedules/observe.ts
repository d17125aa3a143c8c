import type { KubernetesObject, KubernetesRequest } from '@node-termination-handler/sandbox';
import type { World } from '../world.ts';

/** Facts about one world, sorted: of each node under its name, of all that concerns no single node under {@link EVERYWHERE}. */
export type Observations = Readonly<Record<string, readonly string[]>>;

/** The place of facts that concern no single node. */
export const EVERYWHERE = 'everywhere';

/** Watches a world from its start on. */
export interface Observer extends Disposable {
  /** What was seen. To be asked when the programs have ended. */
  observations(): Observations;
}

/** What is a matter of chance in a world, because of what goes wrong in it. */
export interface Chance {
  /** The API server misbehaves: events are sent once and not again, a refused write is followed by a read or by another write. */
  readonly apiServer?: boolean;
  /** The webhook may miss a notification. */
  readonly webhook?: boolean;
  /** A thing may be done again. */
  readonly repeats?: boolean;
  /** What holds a pod opens and shuts: whether the pod is asked just then, evicted or hurried. */
  readonly holds?: boolean;
}

/** The event reasons and taints that name the notice; of a node told of two notices, the one that came first decides. */
const NOTICES =
  /SpotInterruption|StateChange|ASGLifecycle|CapacityReservationInterruption|(?<=\/)(spot-itn|asg-lifecycle-termination|state-change|capacity-reservation)(?=:)/g;

/**
 * Begins to watch. What is seen is put into facts that neither time nor chance changes, by these rules:
 *
 * - A fact is there or not; how often something was asked depends on time. Only accepted evictions are counted.
 * - Values are left out of labels, annotations and taints, except the action: they hold ids and moments.
 * - Pods are named by what they are, `web-1` in place of `web-going-1-1`, nodes by `the node`.
 * - Of steps, the first of its kind counts; of two in one millisecond, the one that belongs first.
 * - On a node that is told of in two ways, whoever sees it first acts, and names its own notice: neither is named.
 * - A message's visibility is extended by the clock: whether it was is left out.
 * - What a program asks about its own rights concerns no drain, and is left out.
 * - Budgets are watched when one holds a pod at the moment at which that is asked: whether they were is left out.
 * - A Kubernetes event that comes again is a patch of the first: how often depends on time.
 * - Whether an instance goes before all is judged is a matter of time: what went with it counts as still there.
 * - What a schedule's faults make a matter of chance is left out; see {@link Chance}.
 */
export function observe(world: World, chance: Chance = {}): Observer {
  const { kubernetes } = world.sandbox;
  const nodes = kubernetes.list({ kind: 'Node' });
  const changes: { readonly node: string; readonly what: string }[] = [];
  const stop = kubernetes.onChange((change) => {
    if (change.type !== 'MODIFIED' || change.object.kind !== 'Node') return;
    changes.push({ node: change.object.metadata.name, what: difference(change.previous, change.object) });
  });
  const ofNode = (before: KubernetesObject): readonly string[] => {
    const node = before.metadata.name;
    const facts = [
      `steps: ${stepsOf(world, node).join(' → ')}`,
      `at the end: ${endOf(world, before)}`,
      ...changes.filter((change) => change.node === node).map(({ what }) => `written: ${what}`),
      ...evictionsOf(world, node),
      ...requestsOf(world, node),
      ...toldOf(world, node),
      ...eventsOf(world, node),
      ...metadataOf(world, node),
    ];
    return isToldTwice(world, node) ? facts.map(withoutWho) : facts;
  };
  const certain = (facts: readonly string[]): readonly string[] =>
    [
      ...new Set(
        facts.filter((fact) => !isChance(fact, chance)).map((fact) => (chance.repeats ? withoutCount(fact) : fact)),
      ),
    ].sort();
  return {
    observations: () => {
      const found: Record<string, readonly string[]> = { [EVERYWHERE]: certain(everywhere(world)) };
      for (const node of nodes) found[node.metadata.name] = certain(ofNode(node));
      return found;
    },
    [Symbol.dispose]: stop,
  };
}

const ABOUT_HELD = /held|^asked by .*: (delete pods|patch pods\/status|get pods)$/;

function isChance(fact: string, { apiServer = false, webhook = false, holds = false }: Chance): boolean {
  if (fact.includes('ChangeMessageVisibility') || fact.endsWith(': patch events')) return true;
  // A list is asked for after a watch that failed, or that could not begin with what there is.
  if (/^asked by .*: list /.test(fact)) return true;
  if (holds && ABOUT_HELD.test(fact)) return true;
  if (webhook && fact.startsWith('told')) return true;
  return apiServer && /^(event: |written: the same marks|asked by .*: (get nodes|create events)$)/.test(fact);
}

function withoutCount(fact: string): string {
  return fact.replace(/ ×\d+$/, '');
}

function isToldTwice({ interruptions }: World, node: string): boolean {
  return interruptions.filter((one) => one.node === node).length > 1;
}

function withoutWho(fact: string): string {
  return fact.replace(/^(asked by) [^:]*/, '$1 one of both').replace(NOTICES, 'NOTICE');
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
  const pods = record.pods.filter((pod) => pod.node === node && (pod.goneAt === undefined || pod.isLost));
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

const LEFT_OUT: ReadonlySet<string> = new Set(['selfsubjectaccessreviews', 'poddisruptionbudgets']);

function everywhere(world: World): readonly string[] {
  const { kubernetes, aws, webhook } = world.sandbox;
  const requests = kubernetes.requests().filter(({ resource }) => !LEFT_OUT.has(resource));
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
