import { systemClock } from '@node-termination-handler/clock';
import type { Clock, Timer } from '@node-termination-handler/clock';
import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { KubernetesClient } from '../../connection/client.ts';
import { KubernetesApiError } from '../../connection/errors.ts';
import { follow } from '../../connection/follow.ts';
import type { Change } from '../../connection/follow.ts';
import type { Wire } from '../../connection/wire.ts';

/** A disruption budget as the API server sends it. See https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/ */
type Budget = Wire<V1PodDisruptionBudget>;

/** Which budget. */
export interface BudgetRef {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Sees when disruption budgets open, for all drains of a process, so that a pod that one holds is asked again then and not after its pause.
 * It is one watch, and there is none as long as no pod waits for a budget. Disposing it ends it.
 */
export interface BudgetWatch extends Disposable {
  /** Calls `onOpen`, once, when the budget lets a pod go again, or is gone; of several that wait as many as it lets go, the first to come first. */
  whenOpen(budget: BudgetRef, onOpen: () => void): Disposable;
  /** How many wait. */
  readonly waiting: number;
}

/** Options of {@link createBudgetWatch}. */
export interface BudgetWatchOptions {
  /** Hears why budgets can't be seen: then pods are asked again after their pauses alone. Default: nobody does. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
}

const WATCH_SECONDS = 290;
const QUIET_MS = 400_000;
/** A pod that is asked again waits again a moment later: the watch lives on for so long without anybody. */
const LINGER_MS = 60_000;
/** A right that is missing is not asked for again at once. */
const WITHOUT_RIGHT_MS = 600_000;

/** Makes the watch that all drains of a process share. It needs the right to list and watch `poddisruptionbudgets` in the group `policy`. */
export function createBudgetWatch(client: KubernetesClient, options: BudgetWatchOptions = {}): BudgetWatch {
  const { clock = systemClock, onTrouble = () => undefined } = options;
  const waiting = new Map<string, { readonly waiters: Set<() => void>; allowed: number }>();
  let watch: AbortController | undefined;
  let linger: Timer | undefined;
  let refusedUntilMs = -Infinity;

  function apply(change: Change<Budget>): void {
    switch (change.type) {
      case 'page':
        for (const budget of change.items) seen(budget);
        return;
      case 'set':
        seen(change.object);
        return;
      case 'removed':
        letGo(keyOf(change.object.metadata), Infinity);
        return;
      case 'listing':
      case 'listed':
      case 'alive':
        return;
    }
  }

  function seen({ metadata, status }: Budget): void {
    const key = keyOf(metadata);
    const known = waiting.get(key);
    if (known === undefined) return;
    const before = known.allowed;
    known.allowed = status?.disruptionsAllowed ?? 0;
    if (known.allowed > before) letGo(key, known.allowed);
  }

  /** More than it lets go would ask in vain. */
  function letGo(key: string, count: number): void {
    const waiters = waiting.get(key)?.waiters ?? new Set();
    for (const onOpen of [...waiters].slice(0, count)) {
      waiters.delete(onOpen);
      onOpen();
    }
  }

  async function run(stop: AbortController): Promise<void> {
    const changes = follow<Budget>(client, {
      resource: { group: 'policy', resource: 'poddisruptionbudgets' },
      fromCache: true,
      watchSeconds: WATCH_SECONDS,
      quietMs: QUIET_MS,
      signal: stop.signal,
      clock,
      onTrouble: (error) => {
        onTrouble(error);
        if (!(error instanceof KubernetesApiError) || !error.isMissingRight) return;
        refusedUntilMs = clock.monotonic() + WITHOUT_RIGHT_MS;
        stop.abort(error);
      },
    });
    for await (const change of changes) apply(change);
  }

  function begin(): void {
    linger?.stop();
    linger = undefined;
    if (watch !== undefined || clock.monotonic() < refusedUntilMs) return;
    const stop = new AbortController();
    watch = stop;
    run(stop)
      .catch(() => undefined)
      .finally(() => {
        if (watch === stop) watch = undefined;
      });
  }

  function end(): void {
    linger?.stop();
    const stop = watch;
    watch = undefined;
    stop?.abort(new Error('nobody waits for a budget any more'));
  }

  function endIfIdle(): void {
    if (waiting.size > 0 || watch === undefined) return;
    linger?.stop();
    linger = clock.startTimer(LINGER_MS, end, { keepsProcessAlive: false });
  }

  return {
    whenOpen({ namespace, name }, onOpen) {
      const key = `${namespace}/${name}`;
      const entry = waiting.get(key) ?? { waiters: new Set(), allowed: 0 };
      const waiter = () => onOpen();
      entry.waiters.add(waiter);
      waiting.set(key, entry);
      begin();
      return {
        [Symbol.dispose]: () => {
          entry.waiters.delete(waiter);
          if (entry.waiters.size === 0 && waiting.get(key) === entry) waiting.delete(key);
          endIfIdle();
        },
      };
    },
    [Symbol.dispose]: end,
    get waiting() {
      return waiting.values().reduce((sum, { waiters }) => sum + waiters.size, 0);
    },
  };
}

function keyOf(metadata: Budget['metadata']): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}
