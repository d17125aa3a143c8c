/** Which of the demo's scenes a node plays in. */
export type Scene = 'spot' | 'rebalance' | 'lifecycle';

/** A stretch of time, in ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One node's way from the notice to its end. Times in ms since the epoch; undefined while it has not come to that. */
export interface NodeTimeline {
  readonly node: string;
  readonly scene: Scene;
  /** When the notice became visible to the program. */
  readonly noticeAt: number | undefined;
  readonly cordonedAt: number | undefined;
  /** When the last pod that had to go was gone. */
  readonly drainedAt: number | undefined;
  readonly hookCompletedAt: number | undefined;
  /** When the instance goes, whatever is left on it. */
  readonly deadlineAt: number | undefined;
  /** How many pods had to go. */
  readonly podsTotal: number;
  readonly podsLeft: number;
  /** Evictions that the API server accepted. */
  readonly podsEvicted: number;
  /** How many pods were left from when on, oldest first. */
  readonly podMoments: readonly { readonly at: number; readonly left: number }[];
  /** When a disruption budget kept at least one pod from being evicted. */
  readonly blocked: readonly Span[];
}

/** The way of the message that nobody understands. In ms since the epoch. */
export interface PoisonMessage {
  readonly sentAt: number;
  /** When a program received it first; undefined while none has. */
  readonly receivedAt: number | undefined;
  /** When a program took it out of the queue. */
  readonly deletedAt: number | undefined;
}

/** Where a node stands. */
export type Stage = 'waiting' | 'noticed' | 'cordoned' | 'drained' | 'completed';

/** The furthest point that a node has come to. */
export function stageOf(timeline: NodeTimeline): Stage {
  if (timeline.hookCompletedAt !== undefined) return 'completed';
  if (timeline.drainedAt !== undefined) return 'drained';
  if (timeline.cordonedAt !== undefined) return 'cordoned';
  return timeline.noticeAt === undefined ? 'waiting' : 'noticed';
}

/** Whether a budget holds one of the node's pods back at that moment. */
export function isBlocked(timeline: NodeTimeline, at: number): boolean {
  return timeline.blocked.some((span) => span.from <= at && at < span.to);
}

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
