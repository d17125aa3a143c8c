export { systemClock } from './clock.ts';
export type { Clock, Timer, TimerOptions } from './clock.ts';
export { CorrectedClock } from './corrected-clock.ts';
export { Deadline, sleepUntilOrMoved } from './deadline.ts';
export { LastingFailure, withoutNumbers } from './lasting-failure.ts';
export { backoffMs, retry } from './retry.ts';
export type { Backoff, RetryOptions } from './retry.ts';
export {
  abortable,
  abortReason,
  linkSignals,
  listenersOn,
  onAbort,
  throwIfAborted,
  timeLimit,
  TimeLimitError,
  withTimeLimit,
} from './signals.ts';
export type { LinkedSignal, OptionalSignal, TimeLimitOptions } from './signals.ts';
export { repeat, sleep, sleepUntil } from './sleep.ts';
