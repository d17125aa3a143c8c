import { NONE_ENDED } from '@node-termination-handler/node-drainer';
import type { DrainProgress, PodEnding, PodRef } from '@node-termination-handler/node-drainer';

/**
 * What became of a pod: how it was brought to its end; that it was told to end, and its instance went before its grace was over; `left` on
 * the node when the work was done; `lost` with the instance, untold.
 */
export type PodOutcome = PodEnding | 'cut-short' | 'left' | 'lost';

/** How many pods came to each outcome. */
export type PodCounts = Readonly<Record<PodOutcome, number>>;

/** A pod whose outcome is known from now on. */
export interface PodWithOutcome {
  readonly pod: PodRef;
  readonly outcome: PodOutcome;
}

/**
 * What has become of the pods of one node, over all drains of this process: each is counted once, as its drain or its node ends. Those that
 * are on their way when this process stops are for the next one to count, which sees them end.
 */
export class PodOutcomes {
  /** Pods that are there without an outcome. */
  readonly #there = new Map<PodRef['uid'], PodRef>();
  /** Pods that were on their way when the last drain ended without being done. */
  readonly #going = new Map<PodRef['uid'], GoingPod>();
  readonly #outcomes = new Map<PodRef['uid'], PodOutcome>();
  #isOver = false;
  /** Whether a drain has begun that has not listed the pods yet. */
  #isBeginning = false;

  /** How many came to which outcome since the node was last found empty. */
  get counts(): PodCounts {
    const counts: Record<PodOutcome, number> = { ...NONE_ENDED, 'cut-short': 0, left: 0, lost: 0 };
    for (const outcome of this.#outcomes.values()) counts[outcome] += 1;
    for (const { ending } of this.#going.values()) counts[ending] += 1;
    return counts;
  }

  /** Whether there are pods of which nobody knows yet what became of them. */
  get hasPodsWithoutOutcome(): boolean {
    return this.#there.size + this.#going.size > 0;
  }

  /** A drain looks at the node anew. */
  drainBegan(): void {
    this.#there.clear();
    if (this.#isOver) this.#outcomes.clear();
    this.#isOver = false;
    this.#isBeginning = true;
  }

  /** It is another's turn: that one sees the pods end, and counts them. */
  handedOver(): void {
    this.#there.clear();
    this.#going.clear();
  }

  /** Takes in what a drain tells, and says of which pods it is known now what became of them. */
  take(progress: DrainProgress): readonly PodWithOutcome[] {
    switch (progress.type) {
      case 'planned':
        return this.#planned(progress.pods.flatMap(({ pod, decision }) => (decision === 'skip' ? [] : pod)));
      case 'deleted':
        // What has ended is waited for no longer, so that nothing may tell of it any more.
        if (progress.reason === 'completed') return this.#note(progress.pod, 'finished');
        // Whatever follows, it stays at that; and another process would not see why.
        return progress.reason === 'deadline' ? this.#noteAs(progress.ending, progress.pod) : [];
      case 'gone':
        this.#there.delete(progress.pod.uid);
        return this.#noteAs(progress.ending ?? this.#going.get(progress.pod.uid)?.ending, progress.pod);
      case 'finished': {
        if (progress.dryRun) return [];
        this.#there.clear();
        for (const { pod, isInGrace = false, ...left } of progress.left) {
          const ending = left.ending ?? this.#going.get(pod.uid)?.ending;
          if (ending === undefined) this.#there.set(pod.uid, pod);
          else if (!this.#outcomes.has(pod.uid)) this.#going.set(pod.uid, { pod, ending, isInGrace });
        }
        this.#isOver = progress.outcome === 'drained';
        // Where nobody has said when the instance goes, what stays by rule is waited for by nobody.
        const isLeft = this.#isOver || (progress.reason === 'not-allowed' && progress.msToDeadline === Infinity);
        return isLeft ? [...this.nobodyWaits(), ...this.#noteRest('left')] : [];
      }
      case 'evicting':
      case 'evicted':
      case 'blocked':
      case 'throttled':
      case 'retrying':
      case 'refused':
      case 'condition-failed':
      case 'right-missing':
      case 'at-risk':
      case 'deadline-moved':
      case 'kubelet-silent':
      case 'disconnected':
      case 'left':
        return [];
    }
  }

  /** Nothing asks for the pods to go any more: those that are on their way end as they were told. */
  nobodyWaits(): readonly PodWithOutcome[] {
    return [...this.#going.values()].flatMap(({ pod, ending }) => this.#note(pod, ending));
  }

  /** The node is gone, and with it the pods that had not ended. */
  nodeGone(): readonly PodWithOutcome[] {
    for (const [uid, { pod, isInGrace }] of this.#going)
      if (isInGrace) this.#going.set(uid, { pod, ending: 'cut-short', isInGrace });
    return [...this.nobodyWaits(), ...this.#noteRest('lost')];
  }

  /** What is there; those on their way that a new drain finds no more have ended as they were told. */
  #planned(pods: readonly PodRef[]): readonly PodWithOutcome[] {
    for (const pod of pods) this.#there.set(pod.uid, pod);
    const ended = this.#isBeginning ? [...this.#going.values()].filter(({ pod }) => !this.#there.has(pod.uid)) : [];
    this.#isBeginning = false;
    return ended.flatMap(({ pod, ending }) => this.#note(pod, ending));
  }

  #noteRest(outcome: PodOutcome): readonly PodWithOutcome[] {
    return [...this.#there.values()].flatMap((pod) => this.#note(pod, outcome));
  }

  #noteAs(ending: PodOutcome | undefined, pod: PodRef): readonly PodWithOutcome[] {
    return ending === undefined ? [] : this.#note(pod, ending);
  }

  #note(pod: PodRef, outcome: PodOutcome): readonly PodWithOutcome[] {
    this.#there.delete(pod.uid);
    this.#going.delete(pod.uid);
    const isKnown = this.#outcomes.has(pod.uid);
    this.#outcomes.set(pod.uid, outcome);
    return isKnown ? [] : [{ pod, outcome }];
  }
}

interface GoingPod {
  readonly pod: PodRef;
  readonly ending: PodOutcome;
  readonly isInGrace: boolean;
}
