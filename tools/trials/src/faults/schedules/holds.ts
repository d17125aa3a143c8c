import { pod, podDisruptionBudget } from '@node-termination-handler/sandbox';
import type { KubernetesFaultEffect } from '@node-termination-handler/sandbox';
import type { World } from '../world.ts';

/** Who refuses to let a pod go, and how. */
const HOLDERS = {
  'a budget': undefined,
  'two budgets': undefined,
  'a webhook (403)': { by: 'webhook', name: 'no.example.com', code: 403, reason: 'Forbidden', message: 'not now' },
  'a webhook (429)': { by: 'webhook', name: 'no.example.com', code: 429, details: { retryAfterSeconds: 1 } },
  'a webhook (404)': { by: 'webhook', name: 'no.example.com', code: 404, reason: 'NotFound' },
  'a webhook that hangs': { by: 'webhook-that-hangs', name: 'no.example.com', timeoutMs: 1500 },
  'a policy': { by: 'policy', name: 'keep' },
} as const;

/** The name of a holder. */
export type Holder = keyof typeof HOLDERS;

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

/** A pod of a node that does not go until it is let go, and what holds it. */
export interface Hold extends Disposable {
  readonly turn: () => void;
  readonly allowDeletions: () => void;
}

/** Puts the pod on its node, and shuts. */
export function hold({ sandbox: { kubernetes }, going }: World, planned: PlannedHold): Hold {
  const node = going[planned.node] ?? '';
  const name = `held-${node}`;
  const { by, graceSeconds } = planned;
  kubernetes.put(pod({ name, node, owner: 'ReplicaSet', ownerName: name, graceSeconds }));
  const budgets = by === 'a budget' ? [name] : by === 'two budgets' ? [name, `${name}-too`] : [];
  const refusal = HOLDERS[by];
  const shut = (): (() => void) => {
    if (refusal !== undefined) {
      const match = { verb: 'create', resource: 'pods', subresource: 'eviction', name };
      const fault = kubernetes.faults.add({ match, effect: { kind: 'admission', refusal } });
      return () => fault.remove();
    }
    for (const each of budgets) {
      kubernetes.put(podDisruptionBudget({ name: each, matchLabels: { app: name }, minAvailable: 1 }));
    }
    return () => {
      for (const each of budgets)
        kubernetes.remove({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: each });
    };
  };
  const effect: KubernetesFaultEffect | undefined = refusal && { kind: 'admission', refusal };
  const match = { verb: 'delete', resource: 'pods', name };
  const deletions = effect && planned.deletionsUntilMs > 0 ? kubernetes.faults.add({ match, effect }) : undefined;
  let open: (() => void) | undefined = shut();
  return {
    turn: () => {
      if (open === undefined) open = shut();
      else {
        open();
        open = undefined;
      }
    },
    allowDeletions: () => deletions?.remove(),
    [Symbol.dispose]: () => {
      open?.();
      deletions?.remove();
    },
  };
}
