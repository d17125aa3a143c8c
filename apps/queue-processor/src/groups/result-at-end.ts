import type { Clock, Timer } from '@node-termination-handler/clock';
import { longestActionMs } from '@node-termination-handler/interruption-handler';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import type { DescribedHook } from './hooks.ts';

/** How long before a hook waits no longer its result is given, in milliseconds: time enough for a call, too little for pods to end. */
const BEFORE_END_MS = 5_000;

/** The same for a hook of which the timeout is short, in milliseconds. Pure. */
export function marginMs(timeoutMs: number): number {
  return Math.min(BEFORE_END_MS, timeoutMs / 4);
}

/** What a group goes on with. */
export type Result = DescribedHook['defaultResult'];

/** What a hook that is ours gets when its end comes and pods are left; `undefined`: its own default result. */
export const RESULT_ON_FAILURE: Readonly<
  Record<QueueProcessorSettings['lifecycleResultOnFailure'], Result | undefined>
> = { none: undefined, continue: 'CONTINUE', abandon: 'ABANDON' };

/**
 * When an action waits no longer, in milliseconds since 1970. Pure.
 *
 * @param heardMs - When the last heartbeat was heard, or the action began.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html
 */
export function endOfWait({
  startedAtMs,
  heardMs,
  timeoutMs,
}: Readonly<Record<'startedAtMs' | 'heardMs' | 'timeoutMs', number>>): number {
  return Math.min(heardMs + timeoutMs, startedAtMs + longestActionMs(timeoutMs));
}

/** Calls back shortly before an end that moves. An end that has passed when it is told is none: whoever knows of it comes too late. */
export class BeforeEnd implements Disposable {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** The end is at this moment now, in milliseconds since 1970; of an action that lasts `timeoutMs` without a heartbeat. */
  moveTo(endMs: number, timeoutMs: number): void {
    this.#timer?.stop();
    const leftMs = endMs - this.#clock.now();
    if (leftMs <= 0) return;
    const inMs = Math.max(0, leftMs - marginMs(timeoutMs));
    this.#timer = this.#clock.startTimer(inMs, this.#onEnd, { keepsProcessAlive: false });
  }

  [Symbol.dispose](): void {
    this.#timer?.stop();
  }
}
