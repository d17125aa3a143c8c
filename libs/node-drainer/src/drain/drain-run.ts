import type { KubernetesClient } from '../connection/client.ts';
import { linkSignals } from '../time/time-limit.ts';
import { DrainStopped } from './drain-stopped.ts';
import type { DrainSettings } from './options.ts';
import type { PodGroup } from './order.ts';
import { PodBook } from './pods/pod-book.ts';
import type { DrainProgress, DrainReport } from './progress.ts';

/** The one state over which the steps of a drain work. */
export interface DrainRun {
  readonly client: KubernetesClient;
  readonly node: string;
  readonly settings: DrainSettings;
  readonly startedAtMs: number;
  readonly pods: PodBook;
  /** Groups whose turn has come. */
  readonly released: Set<PodGroup>;
  readonly counts: { evicted: number; deleted: number };
  /** Aborts when the drain ends, with a {@link DrainStopped} when it ends early. */
  readonly signal: AbortSignal;
  /** The last failure to list or watch the pods. */
  lastTrouble: unknown;
  emit(report: DrainReport): void;
  /** Ends the drain early. */
  stop(reason: DrainStopped): void;
  /** Frees what the run holds. */
  close(): void;
}

/** Sets up the state of a drain. */
export function createDrainRun(
  client: KubernetesClient,
  node: string,
  settings: DrainSettings,
  push: (progress: DrainProgress) => void,
): DrainRun {
  const { clock, deadline, signal } = settings;
  const linked = linkSignals([]);
  const onCancel = () =>
    linked.abort(new DrainStopped('cancelled', 'the drain was cancelled', { cause: signal?.reason }));
  if (signal?.aborted) onCancel();
  signal?.addEventListener('abort', onCancel, { once: true });
  const emit = (report: DrainReport) => push({ ...report, at: new Date(clock.now()), node });
  const unfollow = deadline.onTighten(() => emit({ type: 'tightened', deadline: deadline.at }));
  return {
    client,
    node,
    settings,
    startedAtMs: clock.now(),
    pods: new PodBook(),
    released: new Set(),
    counts: { evicted: 0, deleted: 0 },
    signal: linked.signal,
    lastTrouble: undefined,
    emit,
    stop: (reason) => linked.abort(reason),
    close: () => {
      unfollow();
      signal?.removeEventListener('abort', onCancel);
      linked.abort(new DrainStopped('cancelled', 'the drain has ended'));
    },
  };
}
