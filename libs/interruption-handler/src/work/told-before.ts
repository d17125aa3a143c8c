import { LastingFailure, withoutNumbers } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { nameOfHold } from '@node-termination-handler/node-drainer';
import type { DrainProgress } from '@node-termination-handler/node-drainer';
import { NewestOf } from './newest-of.ts';

/** What lasts is told again after so long, in milliseconds. */
const AGAIN_AFTER_MS = 300_000;

/** Several things of each pod of the largest node: were one of them forgotten, all would be told again at each try. */
const MOST_TOLD = 10_000;

/** What was told of a node's drains, so that one that is tried again and again says the same once. */
export class ToldBefore {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #toldAtMs = new NewestOf<number>(MOST_TOLD);
  readonly #failure: LastingFailure;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#failure = new LastingFailure(clock);
  }

  /** Whether the last drain has failed. */
  get isFailing(): boolean {
    return this.#failure.isFailing;
  }

  /**
   * A drain has failed: `undefined` where that is no news. It is when it begins, when its reason changes, and each five minutes while it
   * lasts, then with how long it does.
   */
  failed(reason: string): { readonly lastsMs?: number } | undefined {
    return newsOf(this.#failure.failed(reason));
  }

  /** The node is empty: whatever comes now is new. */
  succeeded(): void {
    this.#failure.succeeded();
    this.#toldAtMs = new NewestOf(MOST_TOLD);
  }

  /** Whether the same was told of an earlier drain, or of this one, and is no news; what is told now is remembered. */
  wasTold(progress: DrainProgress): boolean {
    const subjects = subjectsOf(progress);
    const comesAndGoes = COMES_AND_GOES.has(progress.type);
    const nowMs = this.#clock.monotonic();
    const untold = subjects.filter((subject) => {
      const toldAtMs = this.#toldAtMs.get(subject);
      return toldAtMs === undefined || (comesAndGoes && nowMs - toldAtMs >= AGAIN_AFTER_MS);
    });
    for (const subject of untold) this.#toldAtMs.set(subject, nowMs);
    return subjects.length > 0 && untold.length === 0;
  }
}

/** In between it may have been well. */
const COMES_AND_GOES: ReadonlySet<DrainProgress['type']> = new Set(['throttled', 'kubelet-silent', 'disconnected']);

/** What a report is about that may be reported again and again; nothing for those that are news each time. */
function subjectsOf(progress: DrainProgress): readonly string[] {
  const about = (...parts: readonly string[]) => [[progress.type, ...parts].join(' ')];
  switch (progress.type) {
    case 'planned':
      return progress.pods.flatMap(({ pod, decision }) => about(pod.uid, decision));
    case 'blocked':
      return about(progress.pod.uid, nameOfHold(progress.heldBy));
    case 'retrying':
    case 'refused':
    case 'condition-failed':
      return about(progress.pod.uid, withoutNumbers(progress.message));
    case 'at-risk':
      return about(...progress.pods.map(({ uid }) => uid).toSorted(), withoutNumbers(progress.message));
    case 'left':
      return about(progress.pod.uid, progress.state);
    case 'throttled':
    case 'kubelet-silent':
      return about();
    case 'disconnected':
      return about(withoutNumbers(progress.message));
    case 'evicting':
    case 'evicted':
    case 'deleted':
    case 'right-missing':
    case 'gone':
    case 'deadline-moved':
    case 'finished':
      return [];
  }
}

/** What a step says of a failure: nothing where it is no news, how long it lasts where that is all that is. */
export function newsOf({
  news,
  lastsMs,
}: ReturnType<LastingFailure['failed']>): { readonly lastsMs?: number } | undefined {
  if (news === 'none') return undefined;
  return news === 'lasts' ? { lastsMs } : {};
}
