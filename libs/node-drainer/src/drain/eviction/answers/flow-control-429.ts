import type { KubernetesApiError } from '../../../connection/errors.ts';
import type { DrainRun } from '../../drain-run.ts';
import type { TrackedPod } from '../../pods/tracked-pod.ts';
import type { NextLook } from '../eviction-queue.ts';
import type { EvictionAnswer } from './answer.ts';

const DEFAULT_RETRY_AFTER_MS = 1000;

/**
 * HTTP 429 that no budget gave: the server has too much to do, and all evictions pause for as long as it asks.
 *
 * See https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export function throttled(error: KubernetesApiError): EvictionAnswer | undefined {
  if (error.status !== 429) return undefined;
  const seconds = error.retryAfterSeconds;
  const retryAfterMs = seconds === undefined || seconds <= 0 ? DEFAULT_RETRY_AFTER_MS : seconds * 1000;
  return { kind: 'throttled', message: error.message, retryAfterMs };
}

/** The whole queue waits: every eviction goes through the same flow control. */
export function onThrottled(run: DrainRun, pod: TrackedPod, answer: EvictionAnswer & { kind: 'throttled' }): NextLook {
  const untilMs = run.settings.clock.now() + answer.retryAfterMs;
  run.emit({ type: 'throttled', pod: pod.slim.ref, message: answer.message, until: new Date(untilMs) });
  return { next: 'pause', atMs: untilMs };
}
