import { eventId, instanceId } from '@node-termination-handler/event-parsers';
import type {
  LifecycleTermination,
  RebalanceRecommendation,
  ScheduledEvent,
  SpotInterruption,
} from '@node-termination-handler/event-parsers';
import type { InterruptionProgress, PodCounts, ProgressStep } from '@node-termination-handler/interruption-handler';
import { NONE_ENDED } from '@node-termination-handler/node-drainer';
import type { DrainProgress } from '@node-termination-handler/node-drainer';

/** The moment of the notices. */
export const START = new Date('2026-01-02T03:04:05Z');

/** The moment some seconds after {@link START}. */
export function after(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

const base = (id: string) => ({
  id: eventId(id),
  monitor: 'SQS_MONITOR' as const,
  description: `${id} for i-1`,
  instanceId: instanceId('i-1'),
  noticedAt: START,
  startTime: START,
});

/** A Spot interruption that ends the instance some seconds after {@link START}. */
export function spot(id: string, { inSeconds = 120 } = {}): SpotInterruption {
  return { ...base(id), kind: 'SPOT_ITN', action: 'terminate', startTime: after(inSeconds) };
}

export function rebalance(id: string): RebalanceRecommendation {
  return { ...base(id), kind: 'REBALANCE_RECOMMENDATION' };
}

export function lifecycle(id: string): LifecycleTermination {
  return { ...base(id), kind: 'ASG_LIFECYCLE' };
}

/** A reboot an hour after {@link START}. */
export function scheduled(id: string): ScheduledEvent {
  const reboot = { code: 'system-reboot', state: 'active', restartsHost: true } as const;
  return { ...base(id), kind: 'SCHEDULED_EVENT', ...reboot, startTime: after(3600) };
}

export const event = spot('spot-1');
const node = { name: 'node-1', uid: 'uid-1', providerId: 'aws:///eu-west-1a/i-1', labels: { team: 'blue' } };
const pod = { namespace: 'default', name: 'web-1', uid: 'pod-1' };

/** What is told of a node once. */
const OF_NODE: ReadonlySet<InterruptionProgress['type']> = new Set([
  'cordoned',
  'cordon-failed',
  'drained',
  'drain-failed',
  'pods-lost',
  'overdue',
  'cancelled',
]);

/** How many pods came to which outcome. */
export function podCounts(some: Partial<PodCounts> = {}): PodCounts {
  return { ...NONE_ENDED, 'cut-short': 0, left: 0, lost: 0, ...some };
}

/** A step of {@link event}, on its node. */
export function step(
  own: Record<string, unknown> & { type: InterruptionProgress['type'] },
  more: Partial<ProgressStep> = {},
): InterruptionProgress {
  const shared = OF_NODE.has(own.type) ? { isFirst: true, others: [] } : {};
  return { at: after(1), event, node, ...shared, ...more, ...own } as InterruptionProgress;
}

/** A step of the drain of that node. */
export function draining(
  own: Record<string, unknown> & { type: DrainProgress['type'] },
  isAgain = false,
): InterruptionProgress {
  return step({
    type: 'draining',
    isAgain,
    progress: { at: START, node: 'node-1', pod, message: 'because', until: after(5), attempt: 1, isNew: true, ...own },
  });
}

export const cordoned = step({ type: 'cordoned', changed: true, wasCordoned: false, final: false });
export const final = { ...cordoned, final: true } as InterruptionProgress;
export const drained = step({
  type: 'drained',
  counts: podCounts({ evicted: 3 }),
  pods: ['web-1'],
  secondsLeft: 90,
  durationMs: 1234.567,
});
export const failed = step({
  type: 'drain-failed',
  reason: 'a budget',
  cause: 'budget',
  counts: podCounts({ evicted: 1, 'deleted-past-budget': 1 }),
  pods: ['web-1'],
  podsLeft: ['default/web-1'],
  durationMs: 1,
});

/** Every step that there is, each in all its forms. */
export const every: readonly InterruptionProgress[] = [
  step({ type: 'received', decision: { action: 'drain', actAt: START, markBy: after(120) } }),
  step({ type: 'ignored', reason: 'none' }),
  step({ type: 'waiting', until: after(60) }),
  step({ type: 'node-not-found' }),
  step({ type: 'retrying', step: 'mark', reason: 'reset' }),
  step({ type: 'retrying', step: 'mark', reason: 'reset', lastsMs: 300_000 }),
  step({ type: 'written-again', lastsMs: 301_000 }),
  step({ type: 'held-elsewhere', holder: 'b' }),
  cordoned,
  final,
  step({ type: 'cordon-failed', reason: 'down', final: true }),
  step({ type: 'cordon-failed', reason: 'down', final: false }),
  step({ type: 'drain-began', deadline: after(120), isAgain: false }),
  step({ type: 'drain-began', isAgain: true }),
  step({ type: 'attached', deadline: after(60), tightened: true }),
  step({ type: 'attached', tightened: false }),
  step({
    type: 'overdue',
    graceSeconds: 120,
    podsLeft: ['default/web-1'],
    heldBy: ['disruption budget web'],
    keepsBudgets: false,
  }),
  draining({
    type: 'planned',
    pods: [{ pod, decision: 'evict', reason: 'ordinary', group: 'ordinary', graceSeconds: 30 }],
    warnings: ['emptyDir'],
    deadline: after(1),
  }),
  draining({ type: 'evicting', how: 'evict' }),
  draining({ type: 'evicting', how: 'delete' }),
  draining({ type: 'evicted', hurried: false, graceSeconds: 30 }),
  draining({ type: 'evicted', hurried: true, graceSeconds: 3 }),
  draining({ type: 'deleted', reason: 'deadline', graceSeconds: 3, heldBy: { kind: 'budget', name: 'web' } }),
  draining({ type: 'deleted', reason: 'shortened', graceSeconds: 3 }),
  draining({ type: 'deleted', reason: 'completed' }),
  draining({ type: 'deleted', reason: 'namespace-terminating' }),
  draining({ type: 'blocked', heldBy: { kind: 'budget', name: 'web' }, advice: 'AlwaysAllow' }),
  draining({ type: 'blocked', heldBy: { kind: 'webhook', name: 'no.example.com' }, advice: 'exempt', isNew: false }),
  draining({ type: 'condition-failed' }),
  draining({ type: 'right-missing', right: 'patch pods/status' }),
  draining({ type: 'throttled' }),
  draining({ type: 'retrying' }),
  draining({ type: 'retrying', isNew: false }),
  draining({ type: 'refused' }),
  draining({ type: 'refused', isNew: false }),
  draining({ type: 'gone', podsLeft: 2 }),
  draining({ type: 'at-risk', pods: [pod], secondsShort: 7 }),
  draining({ type: 'deadline-moved', deadline: after(9) }),
  draining({ type: 'kubelet-silent', pods: [pod] }),
  draining({ type: 'disconnected' }),
  draining({ type: 'left', state: 'blocked' }),
  draining({ type: 'finished', outcome: 'drained', durationMs: 3 }),
  step({ type: 'pod-outcome', pod, outcome: 'evicted' }),
  step({ type: 'pod-outcome', pod, outcome: 'cut-short' }),
  step({ type: 'pod-outcome', pod, outcome: 'lost' }),
  step({ type: 'pod-outcome', pod, outcome: 'left' }),
  step({ type: 'pods-lost', podsLost: ['default/web-1'], counts: podCounts({ lost: 1 }) }),
  drained,
  failed,
  { ...failed, lastsMs: 300_000 } as InterruptionProgress,
  step({ type: 'completed', action: 'message deleted' }),
  step({ type: 'completed', action: 'lifecycle hook given ABANDON though pods are left', podsLeft: true }),
  step({ type: 'completion-failed', reason: '500' }),
  step({ type: 'cancelled', reason: 'gone', isLast: true }),
  step({ type: 'made-schedulable', isMarkedAgain: true }),
  step({ type: 'made-schedulable', isMarkedAgain: false }),
  step({ type: 'record-mended', problems: ['it is no record of this program'] }),
  step({ type: 'uncordoned', reason: 'gone' }),
  step({ type: 'uncordon-failed', reason: 'down' }),
];
