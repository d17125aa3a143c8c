import type { World } from '../world.ts';
import type { Allowance } from './allowance.ts';

/** One notification, as the programs' template writes it. */
export interface Notification {
  readonly phase: string;
  readonly node: string;
  readonly event: string;
}

/** The notifications that reached the webhook and were taken. */
export function notifications(world: World): readonly Notification[] {
  return world.sandbox.webhook
    .deliveries()
    .filter(({ status }) => status !== undefined && status < 300)
    .map(({ body }) => JSON.parse(body) as Notification);
}

/** One drain for each node, one completion for each hook, one notification for each phase of an event. */
export function repetitions(world: World, { repeats = false }: Allowance = {}): readonly string[] {
  if (repeats) return [];
  const refused = world.sandbox.aws.autoScaling.refused().filter(({ call }) => call === 'CompleteLifecycleAction');
  return [
    ...repeatedEvictions(world),
    ...refused.map(({ instanceId = '' }) => `done twice: the action of ${instanceId} was completed again`),
    ...twice(notifications(world).map(({ phase, node, event }) => `${phase} of ${event} on ${node}`)).map(
      (what) => `done twice: the webhook was told ${what} again`,
    ),
  ];
}

/** Pods that were evicted more than once: an eviction that is under way is seen, and not repeated. */
export function repeatedEvictions({ sandbox }: World): readonly string[] {
  const evicted = sandbox.kubernetes
    .requests()
    .filter(({ subresource, code }) => subresource === 'eviction' && code === 201)
    .map(({ namespace, name }) => `${namespace}/${name}`);
  return twice(evicted).map((pod) => `done twice: ${pod} was evicted again`);
}

/** What stands more than once in a list. */
function twice(items: readonly string[]): readonly string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}
