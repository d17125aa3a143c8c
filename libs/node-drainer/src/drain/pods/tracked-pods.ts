import { Condition } from '../../condition.ts';
import type { PodSummary } from './pod-summary.ts';
import type { TrackedPod } from './tracked-pod.ts';

/** Made once: an error with its stack is expensive to make, and nobody looks at this one. */
const GONE = new Error('the pod is gone');

/** The pods of one drain: those that must go, and those that have been judged to stay. */
export class TrackedPods {
  readonly #leaving = new Map<string, TrackedPod>();
  readonly #staying = new Set<string>();
  /** Those of which it could not be found out whether they may stay. */
  readonly #unsure = new Map<string, PodSummary>();
  readonly #condition = new Condition();

  add(pod: TrackedPod): void {
    this.#staying.delete(pod.ref.uid);
    this.#leaving.set(pod.ref.uid, pod);
    this.changed();
  }

  addStaying(uid: string): void {
    this.#staying.add(uid);
  }

  /** Takes note that a pod stays for now, and may have to go. */
  addUnsure(pod: PodSummary): void {
    if (this.#staying.has(pod.ref.uid)) this.#unsure.set(pod.ref.uid, pod);
  }

  /** The pods that may have to go; each once. */
  takeUnsure(): readonly PodSummary[] {
    const unsure = [...this.#unsure.values()];
    this.#unsure.clear();
    return unsure;
  }

  /** A pod that must go and is still there. */
  get(uid: string): TrackedPod | undefined {
    return this.#leaving.get(uid);
  }

  isKnown(uid: string): boolean {
    return this.#leaving.has(uid) || this.#staying.has(uid);
  }

  /** Takes out a pod that is gone. Returns whether it was still there. */
  remove(uid: string): boolean {
    this.#staying.delete(uid);
    this.#unsure.delete(uid);
    const pod = this.#leaving.get(uid);
    if (pod === undefined) return false;
    this.#leaving.delete(uid);
    pod.over.abort(GONE);
    this.changed();
    return true;
  }

  /** Ends what is done about those that are still there. */
  close(reason: unknown): void {
    for (const pod of this.#leaving.values()) pod.over.abort(reason);
  }

  /** The pods that must go and are still there. */
  pods(): TrackedPod[] {
    return [...this.#leaving.values()];
  }

  /** Those of them that still run, as far as is known. */
  left(): TrackedPod[] {
    return this.pods().filter(({ seen }) => !seen.isCompleted);
  }

  get size(): number {
    return this.#leaving.size;
  }

  /** The uids of all pods of which a list would have to speak. */
  uids(): string[] {
    return [...this.#leaving.keys(), ...this.#staying];
  }

  /** To be called when a pod's state has changed. */
  changed(): void {
    this.#condition.changed();
  }

  /** Resolves when those that are still there are as `isSo` says. @throws the signal's reason. */
  async until(isSo: (pods: readonly TrackedPod[]) => boolean, signal: AbortSignal): Promise<void> {
    await this.#condition.until(() => isSo(this.pods()) || undefined, signal);
  }
}
