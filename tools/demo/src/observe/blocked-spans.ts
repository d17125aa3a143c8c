import type { Span } from './timeline.ts';

/** One answer to an eviction. */
export interface EvictionAnswer {
  /** `namespace/name` of the pod. */
  readonly pod: string;
  /** HTTP status: 201 accepted, 429 blocked by a budget. */
  readonly code: number;
  /** In ms since the epoch. */
  readonly at: number;
}

/** Whether the API server took the eviction. */
export function isAccepted({ code }: Pick<EvictionAnswer, 'code'>): boolean {
  return code === 200 || code === 201;
}

/**
 * When budgets blocked: each pod's time from its first 429 to its acceptance (or `now`, while it still waits), merged.
 */
export function blockedSpans(answers: readonly EvictionAnswer[], now: number): Span[] {
  const waits = [...Map.groupBy(answers, (answer) => answer.pod).values()].flatMap((ofPod) => {
    const from = ofPod.find((answer) => answer.code === 429)?.at;
    const to = ofPod.find(isAccepted)?.at ?? now;
    return from === undefined || to < from ? [] : [{ from, to }];
  });
  const merged: Span[] = [];
  for (const wait of waits.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && wait.from <= last.to)
      merged.splice(-1, 1, { from: last.from, to: Math.max(last.to, wait.to) });
    else merged.push(wait);
  }
  return merged;
}
