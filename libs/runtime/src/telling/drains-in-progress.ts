import type { InterruptionProgress } from '@node-termination-handler/interruption-handler';

/** Knows how many nodes are being drained, from the steps that are told. */
export class DrainsInProgress {
  readonly #nodes = new Set<string>();

  /** Takes a step in, and says how many drains there are now. */
  after(step: InterruptionProgress): number {
    const uid = step.node?.uid;
    if (uid === undefined) return this.#nodes.size;
    if (step.type === 'drain-began') this.#nodes.add(uid);
    if (endsDrain(step)) this.#nodes.delete(uid);
    return this.#nodes.size;
  }
}

function endsDrain(step: InterruptionProgress): boolean {
  if (step.type === 'draining') return step.progress.type === 'finished';
  // A drain that was taken back before its turn came has told of no end.
  return step.type === 'drained' || step.type === 'drain-failed' || step.type === 'uncordoned';
}
