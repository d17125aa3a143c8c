import { nameOfHold } from '@node-termination-handler/node-drainer';
import type { DrainProgress, PodGroup, PodRef } from '@node-termination-handler/node-drainer';

interface Left {
  readonly name: string;
  readonly group: PodGroup;
  /** What keeps it, in words; absent until it was asked to go. */
  readonly heldBy?: string;
}

/** The pods of a drain that are still there, as its progress tells. */
export class PodsLeft {
  readonly #pods = new Map<PodRef['uid'], Left>();
  #isPlanned = false;

  take(progress: DrainProgress): void {
    switch (progress.type) {
      case 'planned':
        this.#isPlanned = true;
        for (const { pod, decision, reason, group } of progress.pods) {
          if (decision === 'skip') continue;
          const heldBy = decision === 'wait' ? GRACE : decision === 'keep' ? reason : undefined;
          this.#pods.set(pod.uid, { name: podName(pod), group, ...(heldBy === undefined ? {} : { heldBy }) });
        }
        return;
      case 'blocked':
        this.#isHeldBy(progress.pod, nameOfHold(progress.heldBy));
        return;
      case 'retrying':
      case 'refused':
        this.#isHeldBy(progress.pod, progress.message);
        return;
      case 'evicted':
      case 'deleted':
        this.#isHeldBy(progress.pod, GRACE);
        return;
      case 'gone':
        this.#pods.delete(progress.pod.uid);
        return;
      case 'evicting':
      case 'throttled':
      case 'condition-failed':
      case 'right-missing':
      case 'at-risk':
      case 'deadline-moved':
      case 'kubelet-silent':
      case 'disconnected':
      case 'left':
      case 'finished':
        return;
    }
  }

  /** Whether each pod whose turn it is was asked to go: what is left to do is to wait, and to ask again now and then. */
  get wereAllAsked(): boolean {
    return this.#isPlanned && this.#inTurn.every(({ heldBy }) => heldBy !== undefined);
  }

  /**
   * Whether those whose turn it is are being asked, or are all in their grace: a drain that will have done its work in a moment. What
   * something holds stays for nobody knows how long, and those that go last are who drains here, or another who may wait for this one.
   */
  get areGoing(): boolean {
    const now = this.#inTurn;
    const isUnderWay = now.some(({ heldBy }) => heldBy === undefined) || now.every(({ heldBy }) => heldBy === GRACE);
    return this.#isPlanned && now[0]?.group !== 'last' && isUnderWay;
  }

  /** Their names. */
  get names(): readonly string[] {
    return [...this.#pods.values()].map(({ name }) => name);
  }

  /** What keeps them, each once. */
  get heldBy(): readonly string[] {
    return [...new Set([...this.#pods.values()].flatMap(({ heldBy }) => heldBy ?? []))];
  }

  get #inTurn(): readonly Left[] {
    const pods = [...this.#pods.values()];
    const turns = IN_TURN.map((turn) => pods.filter(({ group }) => group === turn));
    return turns.find((group) => group.length > 0) ?? [];
  }

  #isHeldBy({ uid }: PodRef, heldBy: string): void {
    const pod = this.#pods.get(uid);
    if (pod !== undefined) this.#pods.set(uid, { ...pod, heldBy });
  }
}

/** Pods go in this order. */
const IN_TURN: readonly PodGroup[] = ['ordinary', 'critical', 'daemon', 'last'];

const GRACE = 'its own grace period';

/** A pod as it is told of. */
export function podName({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`;
}
