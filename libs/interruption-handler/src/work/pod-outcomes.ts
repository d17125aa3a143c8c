import { NONE_ENDED } from '@node-termination-handler/node-drainer';
import type { DrainProgress, PodEnding, PodRef } from '@node-termination-handler/node-drainer';

/** What became of a pod: how it was brought to its end; `left` on the node when the work was done; `lost` with the instance, untold. */
export type PodOutcome = PodEnding | 'left' | 'lost';

/** How many pods came to each outcome. */
export type PodCounts = Readonly<Record<PodOutcome, number>>;

/** A pod whose outcome is known from now on. */
export interface PodWithOutcome {
  readonly pod: PodRef;
  readonly outcome: PodOutcome;
}

/** What has become of the pods of one node, over all drains of this process: each is counted once, as its drain or its node ends. */
export class PodOutcomes {
  /** Pods that are there without an outcome. */
  readonly #there = new Map<PodRef['uid'], PodRef>();
  readonly #outcomes = new Map<PodRef['uid'], PodOutcome>();
  #isOver = false;

  /** How many came to which outcome since the node was last found empty. */
  get counts(): PodCounts {
    const counts: Record<PodOutcome, number> = { ...NONE_ENDED, left: 0, lost: 0 };
    for (const outcome of this.#outcomes.values()) counts[outcome] += 1;
    return counts;
  }

  /** Whether there are pods of which nobody knows yet what became of them. */
  get hasPodsWithoutOutcome(): boolean {
    return this.#there.size > 0;
  }

  /** A drain looks at the node anew. */
  drainBegan(): void {
    this.#there.clear();
    if (this.#isOver) this.#outcomes.clear();
    this.#isOver = false;
  }

  /** Takes in what a drain tells, and says of which pods it is known now what became of them. */
  take(progress: DrainProgress): readonly PodWithOutcome[] {
    switch (progress.type) {
      case 'planned':
        for (const { pod, decision } of progress.pods) if (decision !== 'skip') this.#there.set(pod.uid, pod);
        return [];
      case 'deleted':
        // What has ended is waited for no longer, so that nothing may tell of it any more.
        return progress.reason === 'completed' ? this.#note(progress.pod, 'finished') : [];
      case 'gone':
        this.#there.delete(progress.pod.uid);
        return progress.ending === undefined ? [] : this.#note(progress.pod, progress.ending);
      case 'finished': {
        if (progress.dryRun) return [];
        this.#there.clear();
        for (const { pod } of progress.left) this.#there.set(pod.uid, pod);
        const noted = progress.left.flatMap(({ pod, ending }) => (ending === undefined ? [] : this.#note(pod, ending)));
        this.#isOver = progress.outcome === 'drained';
        // Where nobody has said when the instance goes, what stays by rule is waited for by nobody.
        const isLeft = this.#isOver || (progress.reason === 'not-allowed' && progress.msToDeadline === Infinity);
        return isLeft ? [...noted, ...this.#noteRest('left')] : noted;
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

  /** The node is gone, and with it the pods of which nothing else is known. */
  nodeGone(): readonly PodWithOutcome[] {
    return this.#noteRest('lost');
  }

  #noteRest(outcome: PodOutcome): readonly PodWithOutcome[] {
    return [...this.#there.values()].flatMap((pod) => this.#note(pod, outcome));
  }

  #note(pod: PodRef, outcome: PodOutcome): readonly PodWithOutcome[] {
    this.#there.delete(pod.uid);
    const isKnown = this.#outcomes.has(pod.uid);
    this.#outcomes.set(pod.uid, outcome);
    return isKnown ? [] : [{ pod, outcome }];
  }
}
