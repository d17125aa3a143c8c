import type { KubernetesObject, KubernetesRequest } from '@node-termination-handler/sandbox';
import { FOREIGN } from '../world/cast.ts';
import type { World } from '../world/world.ts';
import type { Allowance } from './allowance.ts';

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** No write to a node that no event named, to a pod on such a node, or to anything that is not the programs' to write. */
export function foreignWrites(world: World, allowance: Allowance = {}): readonly string[] {
  const writes = world.sandbox.kubernetes
    .requests()
    .filter(({ verb, code, dryRun }) => WRITES.has(verb) && !dryRun && code < 400);
  return [
    ...writes.filter((write) => !isOurs(world, write, allowance)).map(describe),
    ...world.sandbox.kubernetes.list({ kind: 'Node' }).flatMap((node) => lostMarks(node)),
    ...untouched(world),
  ];
}

function isOurs(world: World, write: KubernetesRequest, { deletions = false }: Allowance): boolean {
  const { verb, resource, subresource, name } = write;
  const named = new Set(world.interruptions.map(({ node }) => node));
  switch (`${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`) {
    case 'patch nodes':
      return named.has(name);
    case 'create pods/eviction':
      return world.record.pods.some((pod) => pod.name === name && named.has(pod.node) && !pod.isDaemon);
    case 'delete pods':
      return deletions && world.record.pods.some((pod) => pod.name === name && named.has(pod.node) && !pod.isDaemon);
    case 'create events':
    case 'patch events':
      return true;
    default:
      return false;
  }
}

function describe({ verb, resource, subresource, name, user }: KubernetesRequest): string {
  return `foreign write: ${user} did ${verb} ${resource}${subresource === '' ? '' : `/${subresource}`} ${name}`;
}

interface NodeSpec {
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** What was on the nodes before must be there still. */
function lostMarks({ metadata, spec }: KubernetesObject): readonly string[] {
  const { labels = {}, annotations = {}, name } = metadata;
  const { taints = [] } = spec as NodeSpec;
  const has = {
    label: labels[FOREIGN.label[0]] === FOREIGN.label[1],
    annotation: annotations[FOREIGN.annotation[0]] === FOREIGN.annotation[1],
    taint: taints.some(({ key, value, effect }) => `${key}=${value ?? ''}:${effect}` === 'pool=old:NoSchedule'),
  };
  return Object.entries(has)
    .filter(([, isThere]) => !isThere)
    .map(([what]) => `foreign write: ${name} lost the ${what} that others had put there`);
}

/** Nodes that no event named, and pods that a drain leaves alone. */
function untouched({ sandbox, record, interruptions }: World): readonly string[] {
  const named = new Set(interruptions.map(({ node }) => node));
  const cordoned = sandbox.kubernetes
    .list({ kind: 'Node' })
    .map(({ metadata }) => metadata.name)
    .filter((name) => !named.has(name) && record.cordonedAt(name) !== undefined);
  const gone = record.pods.filter((pod) => pod.goneAt !== undefined && (pod.isDaemon || !named.has(pod.node)));
  return [
    ...cordoned.map((name) => `foreign write: ${name} was cordoned, and no event named it`),
    ...gone.map(({ name }) => `foreign write: the pod ${name} is gone, and nobody may have touched it`),
  ];
}
