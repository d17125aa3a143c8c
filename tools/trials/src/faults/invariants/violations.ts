import type { World } from '../world.ts';
import type { Allowance } from './allowance.ts';
import { earlyCompletions } from './early-completions.ts';
import { foreignWrites } from './foreign-writes.ts';
import { lostEvents } from './lost-events.ts';
import { repetitions } from './repetitions.ts';
import { shownSecrets } from './shown-secrets.ts';
import { silence } from './silence.ts';

/** Everything that must never happen and did, judged from the sandbox's own record; empty when all is well. */
export function violations(world: World, allowance: Allowance = {}): readonly string[] {
  return [
    ...lostEvents(world),
    ...earlyCompletions(world),
    ...foreignWrites(world, allowance),
    ...repetitions(world, allowance),
    ...silence(world, allowance),
    ...shownSecrets(world),
    ...world.sandbox.unknown().map((call) => `unknown call: ${call}`),
  ];
}
