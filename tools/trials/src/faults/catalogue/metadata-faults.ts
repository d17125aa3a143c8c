import type { FaultRule } from './rule.ts';
import type { Allowance } from '../invariants/allowance.ts';
import type { World } from '../world/world.ts';
import { AGENT } from './fault.ts';
import type { EndFault, Fault } from './fault.ts';

/** The metadata services of all nodes at once. */
function everyImds(world: World) {
  return world.going.map((node) => world.sandbox.imdsOf(node));
}

function eachEnds(ends: readonly EndFault[]): EndFault {
  return async () => {
    await Promise.all(ends.map(async (end) => end()));
  };
}

function rule(name: string, added: FaultRule, allowance?: Allowance): Fault {
  return {
    area: 'instance metadata',
    name,
    programs: AGENT,
    ...(allowance && { allowance }),
    begin: (world) => eachEnds(everyImds(world).map((imds) => imds.faults.add(added))),
  };
}

/** What goes wrong with the instance metadata service. */
export const metadataFaults: readonly Fault[] = [
  {
    area: 'instance metadata',
    name: 'refuses connections',
    programs: AGENT,
    begin: async (world) => {
      await Promise.all(everyImds(world).map((imds) => imds.pause()));
      return eachEnds(everyImds(world).map((imds) => () => imds.resume()));
    },
  },
  rule('hangs', { misbehaviour: { kind: 'hang' } }),
  {
    area: 'instance metadata',
    name: 'hangs on tokens alone (hop limit)',
    programs: AGENT,
    begin: (world) =>
      eachEnds(
        everyImds(world).map((imds) => {
          imds.invalidateTokens();
          return imds.hangTokenRequests();
        }),
      ),
  },
  {
    area: 'instance metadata',
    name: 'answers 401 to every token',
    programs: AGENT,
    begin: (world) => eachEnds(everyImds(world).map((imds) => imds.refuseTokens())),
  },
  {
    area: 'instance metadata',
    name: 'forgets its tokens again and again',
    programs: AGENT,
    begin: (world) => {
      const forget = setInterval(() => everyImds(world).forEach((imds) => imds.invalidateTokens()), 100);
      return () => clearInterval(forget);
    },
  },
  rule('answers 500', { misbehaviour: { kind: 'status', status: 500 } }),
  rule('throttles (503)', { misbehaviour: { kind: 'status', status: 503 } }),
  // A notice that is not there is withdrawn; when it is there again, it is told again.
  rule('answers 404 to everything', { misbehaviour: { kind: 'status', status: 404 } }, { repeats: true }),
  rule('sends half of its documents', { misbehaviour: { kind: 'half-body' } }),
  rule('sends documents that are no JSON', { misbehaviour: { kind: 'status', status: 200, body: '{"action":"term' } }),
  rule('sends documents without end', { misbehaviour: { kind: 'endless' } }),
  rule('resets connections', { misbehaviour: { kind: 'reset', when: 'before' } }),
  rule('takes 0.8 s for each answer', { delayMs: 800 }),
];
