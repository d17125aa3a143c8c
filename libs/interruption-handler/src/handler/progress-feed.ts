import { EventEmitter, on } from 'node:events';
import type { InterruptionProgress, ProgressStep } from './progress.ts';

/** Hands every step to whoever listens, in order, without ever holding up the work. */
export class ProgressFeed {
  readonly #emitter = new EventEmitter<{ step: [InterruptionProgress] }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  tell(step: ProgressStep): void {
    this.#emitter.emit('step', { ...step, at: this.#now() });
  }

  /** Listens from the moment of the call on, not from the first read: nothing told in between is lost. */
  listen(signal: AbortSignal): AsyncIterable<InterruptionProgress> {
    const steps = on(this.#emitter, 'step', { signal });
    return read(steps, signal);
  }
}

async function* read(steps: AsyncIterable<unknown[]>, signal: AbortSignal): AsyncGenerator<InterruptionProgress> {
  try {
    for await (const [step] of steps) yield step as InterruptionProgress;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
