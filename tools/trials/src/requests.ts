import { claimLease } from '@node-termination-handler/sandbox';
import type { Evidence, NotedRequest } from './evidence.ts';

/** The nodes that an event names. */
export function namedNodes({ interruptions }: Evidence): ReadonlySet<string> {
  return new Set(interruptions.map(({ node }) => node));
}

/** More often than any course of one node or pod asks for, whoever else writes to it and whoever dies, within a minute. */
const STORM = { writes: 100, evictions: 10, withinMs: 60_000 };

/** Nodes and pods that were asked for as often as that. */
export function inCircles({ requests }: Evidence): readonly string[] {
  const done = requests.filter(({ code, dryRun }) => code >= 200 && code < 300 && !dryRun);
  const written = done.filter(
    ({ verb, resource, subresource }) => verb === 'patch' && resource === 'nodes' && subresource === '',
  );
  const evicted = done.filter(({ subresource }) => subresource === 'eviction');
  return [
    ...stormsOf(written, STORM.writes).map((name) => `${name} was written ${STORM.writes} times in a minute`),
    ...stormsOf(evicted, STORM.evictions).map((name) => `${name} was evicted ${STORM.evictions} times in a minute`),
  ];
}

/** What was asked for as often as that within the time of a storm. */
function stormsOf(requests: readonly NotedRequest[], times: number): readonly string[] {
  return Object.entries(Object.groupBy(requests, ({ name }) => name))
    .filter(([, these = []]) => {
      const sorted = these.map(({ at }) => at).toSorted((one, other) => one - other);
      return sorted.some((at, index) => (sorted[index + times - 1] ?? Infinity) - at < STORM.withinMs);
    })
    .map(([name]) => name);
}

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** What was written that no event asks for. */
export function foreignWrites(evidence: Evidence): readonly string[] {
  const nodes = namedNodes(evidence);
  const going = evidence.pods.filter(({ node, isDaemon }) => nodes.has(node) && !isDaemon);
  const pods = new Set(going.map(({ name }) => name));
  const what = ({ verb, resource, subresource }: NotedRequest): string =>
    `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
  const isOurs = (request: NotedRequest): boolean => {
    switch (what(request)) {
      case 'patch nodes':
      // Its conditions.
      case 'patch nodes/status':
        return nodes.has(request.name);
      case 'create pods/eviction':
      case 'delete pods':
      case 'patch pods/status':
        return pods.has(request.name);
      case 'patch leases':
        return request.name === claimLease;
      case 'create events':
      case 'patch events':
      // A question, which leaves nothing behind.
      case 'create selfsubjectaccessreviews':
        return true;
      default:
        return false;
    }
  };
  return evidence.requests
    .filter(({ verb, code, dryRun }) => WRITES.has(verb) && !dryRun && code < 400)
    .filter((request) => !isOurs(request))
    .map((request) => `${request.user} did ${what(request)} ${request.name}`);
}

/** What was done, or told, again. */
export function repetitions({ refused, receivedAgain, messages, notifications }: Evidence): readonly string[] {
  const told = notifications.map(({ phase, node, event }) => `${phase} of ${event} on ${node}`);
  return [
    ...refused.map((call) => `${call} came again`),
    ...(receivedAgain === 0 ? [] : [`${receivedAgain} messages were received again while somebody worked on them`]),
    ...messages
      .filter(({ deletionCalls = 0 }) => deletionCalls > 1)
      .map(({ node = 'no node' }) => `the message about ${node} was deleted again`),
    ...twice(told).map((what) => `the webhook was told ${what} again`),
  ];
}

/** What stands more than once in a list. */
export function twice(items: readonly string[]): readonly string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}
