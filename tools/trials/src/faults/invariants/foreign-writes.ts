import type { KubernetesObject, KubernetesRequest } from '@node-termination-handler/sandbox';
import { FOREIGN } from '../world.ts';
import type { World } from '../world.ts';
import type { Allowance } from './allowance.ts';

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** No write to a node that no event named, to a pod on such a node, or to anything that is not the programs' to write. */
export function foreignWrites(world: World, allowance: Allowance = {}): readonly string[] {
  const writes = world.sandbox.kubernetes
    .requests()
    .filter(({ verb, code, dryRun }) => WRITES.has(verb) && !dryRun && code < 400);
  const isOurs = ownWrites(world, allowance);
  return [
    ...writes.filter((write) => !isOurs(write)).map(describe),
    ...world.sandbox.kubernetes.list({ kind: 'Node' }).flatMap((node) => lostMarks(node)),
    ...untouched(world),
  ];
}

/** Tells the programs' own writes from others. */
function ownWrites(world: World, { deletions = false }: Allowance): (write: KubernetesRequest) => boolean {
  const nodes = namedNodes(world);
  const pods = new Set(
    world.record.pods.filter(({ node, isDaemon }) => nodes.has(node) && !isDaemon).map(({ name }) => name),
  );
  return ({ verb, resource, subresource, name }) => {
    switch (`${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`) {
      case 'patch nodes':
        return nodes.has(name);
      case 'create pods/eviction':
        return pods.has(name);
      case 'delete pods':
        return deletions && pods.has(name);
      case 'create events':
      case 'patch events':
      // A question, which leaves nothing behind.
      case 'create selfsubjectaccessreviews':
        return true;
      default:
        return false;
    }
  };
}

/** The nodes that an event named. */
function namedNodes({ interruptions }: World): ReadonlySet<string> {
  return new Set(interruptions.map(({ node }) => node));
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
function untouched(world: World): readonly string[] {
  const { sandbox, record } = world;
  const named = namedNodes(world);
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
