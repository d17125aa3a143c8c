import { pod, podDisruptionBudget } from '@node-termination-handler/sandbox';
import { denial, refuse, silence } from '../faults/admission.ts';
import type { Refusal } from '../faults/admission.ts';
import type { World } from '../faults/world.ts';

/** Who refuses to let a pod go. */
export type Holder =
  | 'a budget'
  | 'two budgets'
  | 'a webhook (403)'
  | 'a webhook (429)'
  | 'a webhook (404)'
  | 'a webhook that hangs'
  | 'a policy';

/** How they do; a budget does it by itself. */
const HOLDERS: Readonly<Record<Holder, Refusal | undefined>> = {
  'a budget': undefined,
  'two budgets': undefined,
  'a webhook (403)': denial(403, { reason: 'Forbidden' }),
  'a webhook (429)': denial(429, { details: { retryAfterSeconds: 1 } }),
  'a webhook (404)': denial(404, { reason: 'NotFound' }),
  'a webhook that hangs': silence(1500),
  'a policy': { by: 'policy', name: 'keep' },
};

/** The names of all. */
export const HOLDER_NAMES = Object.keys(HOLDERS) as readonly Holder[];

/** A pod of one node that is held, and when. Times in ms since the start. */
export interface PlannedHold {
  /** Which of the nodes, from 0. */
  readonly node: number;
  readonly by: Holder;
  /** The grace of the pod, in seconds. */
  readonly graceSeconds: number;
  /** When it opens and shuts, in turn; at the start it is shut. After the last it stays as it is. */
  readonly turnsMs: readonly number[];
  /** Until when a webhook or a policy refuses deletions, too; a budget never does. */
  readonly deletionsUntilMs: number;
}

/** Graces of pods, in seconds: those that fit whatever comes, and those that would not under an end that is no end. */
const GRACES = [2, 30, 112, 116];

/**
 * Holds a pod for good, so that it must be hurried, or lets it go after a while. The last graceful moment of one that is held for good is
 * some seconds after the notice, or before the end of what goes soon.
 */
export function makeHold(endMs: number, random: () => number): Omit<PlannedHold, 'node'> {
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
  const by = pick(HOLDER_NAMES);
  const isSoon = endMs < 60_000;
  if (isSoon || (endMs < 200_000 && random() < 0.5)) {
    const graceSeconds = isSoon ? 2 + upTo(4) : Math.floor((endMs - 2000) / 1000) - 2 - upTo(5);
    const lastGracefulMs = endMs - 2000 - graceSeconds * 1000;
    // One that hangs takes so long for each answer that nothing would be left.
    const mayHold = !isSoon || by !== 'a webhook that hangs';
    const deletionsUntilMs = random() < 0.4 && mayHold ? lastGracefulMs + 300 + upTo(isSoon ? 1000 : 3000) : 0;
    return { by, graceSeconds, turnsMs: [], deletionsUntilMs };
  }
  const opensMs = 800 + upTo(3000);
  const shutsMs = opensMs + 200 + upTo(800);
  const turnsMs = random() < 0.5 ? [opensMs] : [opensMs, shutsMs, shutsMs + 500 + upTo(2500)];
  return { by, graceSeconds: pick(GRACES), turnsMs, deletionsUntilMs: 0 };
}

/** A pod of a node that does not go until it is let go, and what holds it. */
export interface Hold extends Disposable {
  readonly turn: () => void;
  readonly allowDeletions: () => void;
}

/** Puts the pod on its node, and shuts. */
export function hold(world: World, planned: PlannedHold): Hold {
  const { kubernetes } = world.sandbox;
  const node = world.going[planned.node] ?? '';
  const name = `held-${node}`;
  const { by, graceSeconds } = planned;
  kubernetes.put(pod({ name, node, owner: 'ReplicaSet', ownerName: name, graceSeconds }));
  const budgets = by === 'a budget' ? [name] : by === 'two budgets' ? [name, `${name}-too`] : [];
  const refusal = HOLDERS[by];
  const shut = (): (() => void) => {
    if (refusal !== undefined) return refuse(world, { what: 'evictions', refusal, name });
    for (const each of budgets) {
      kubernetes.put(podDisruptionBudget({ name: each, matchLabels: { app: name }, minAvailable: 1 }));
    }
    return () => {
      for (const each of budgets)
        kubernetes.remove({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: each });
    };
  };
  const keepsDeletions = refusal !== undefined && planned.deletionsUntilMs > 0;
  const allowDeletions = keepsDeletions ? refuse(world, { what: 'deletions', refusal, name }) : () => undefined;
  let open: (() => void) | undefined = shut();
  return {
    turn: () => {
      if (open === undefined) open = shut();
      else {
        open();
        open = undefined;
      }
    },
    allowDeletions,
    [Symbol.dispose]: () => {
      open?.();
      allowDeletions();
    },
  };
}
