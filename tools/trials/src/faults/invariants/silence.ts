import type { World } from '../world.ts';
import type { Allowance } from './allowance.ts';
import { notifications } from './repetitions.ts';

/** People are told of every node that was drained, unless the webhook was not there to be told. */
export function silence(world: World, { silentWebhook = false }: Allowance = {}): readonly string[] {
  if (silentWebhook) return [];
  const told = new Set(
    notifications(world)
      .filter(({ phase }) => phase === 'drained')
      .map(({ node }) => node),
  );
  const drained = new Set(world.interruptions.map(({ node }) => node));
  return [...drained].filter((node) => !told.has(node)).map((node) => `nobody was told that ${node} is drained`);
}
