import type { Clock, Timer, TimerOptions } from './clock.ts';
import { abortable, throwIfAborted } from './signals.ts';
import type { OptionalSignal } from './signals.ts';

/** Waits for so many milliseconds, however many they are. @throws the signal's reason, as soon as it aborts. */
export async function sleep(clock: Clock, ms: number, signal?: OptionalSignal, options?: TimerOptions): Promise<void> {
  throwIfAborted(signal);
  const over = Promise.withResolvers<undefined>();
  using _timer = clock.startTimer(ms, () => over.resolve(undefined), options);
  await abortable(over.promise, signal);
}

/** The wall clock may be set while one sleeps: it is looked at so often, in milliseconds. */
const LOOK_EVERY_MS = 60_000;

/** Waits for a moment of the wall clock, in milliseconds since the epoch or as a date. @throws as {@link sleep} does. */
export async function sleepUntil(clock: Clock, moment: Date | number, signal?: OptionalSignal): Promise<void> {
  for (;;) {
    const leftMs = Number(moment) - clock.now();
    if (!(leftMs > 0)) return;
    await sleep(clock, Math.min(leftMs, LOOK_EVERY_MS), signal);
  }
}

/**
 * Does something again and again: first after `everyMs`, then so long after the round before has begun, and never before that has ended.
 *
 * @param round - Must not reject: nobody hears of it.
 */
export function repeat(
  clock: Clock,
  everyMs: number,
  round: () => void | Promise<void>,
  options?: TimerOptions,
): Timer {
  let timer: Timer | undefined;
  let isStopped = false;
  const startNext = (afterMs: number): void => {
    timer = clock.startTimer(afterMs, () => void play(), options);
  };
  const play = async (): Promise<void> => {
    const beganMs = clock.monotonic();
    try {
      await round();
    } finally {
      if (!isStopped) startNext(beganMs + everyMs - clock.monotonic());
    }
  };
  startNext(everyMs);
  const stop = (): void => {
    isStopped = true;
    timer?.stop();
  };
  return { stop, [Symbol.dispose]: stop };
}
