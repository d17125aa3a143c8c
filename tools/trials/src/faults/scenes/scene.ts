import { runCase } from '../../case.ts';
import type { CaseResult, Finding } from '../../case.ts';
import { startWorld } from '../world.ts';
import type { World, WorldOptions } from '../world.ts';

/** A case with a course of its own. */
export interface Scene {
  readonly group: string;
  readonly name: string;
  readonly options?: WorldOptions;
  readonly play: (world: World) => Promise<Finding>;
}

/** Plays a scene in a world of its own. */
export function playScene({ group, name, options = {}, play }: Scene): Promise<CaseResult> {
  return runCase({ group, name }, async () => {
    await using world = await startWorld(options);
    return await play(world);
  });
}

/** The first node that may be interrupted, and the second. */
export function firstTwo(world: World): readonly [string, string] {
  const [first = '', second = ''] = world.going;
  return [first, second];
}
