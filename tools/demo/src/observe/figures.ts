import type { NodeTimeline, PoisonMessage } from './timeline.ts';

/** A duration for people: `0.12 s`, `4.3 s`, `27 s`. */
export function formatSeconds(durationMs: number): string {
  const seconds = durationMs / 1000;
  const digits = Math.abs(seconds) < 1 ? 2 : Math.abs(seconds) < 10 ? 1 : 0;
  return `${seconds.toFixed(digits)} s`;
}

/** How long budgets held pods of a node, in ms. */
export function heldMs({ blocked }: NodeTimeline): number {
  return blocked.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** What the columns of {@link figuresOf} are. */
export const figureNames = ['node', 'notice', 'cordoned', 'drained', 'hook', 'held', 'spare', 'evicted'];

/** What the columns mean. */
export const figuresMean =
  'Cordoned, drained, hook: how long after the notice. Held: by a disruption budget. Spare: what was left of the time until the instance goes. Evicted: pods.';

/** What became of the message that nobody understands. */
export function poisonWords({ sentAt, receivedAt, deletedAt }: PoisonMessage): string {
  if (deletedAt !== undefined) return `recognized as no event and deleted after ${formatSeconds(deletedAt - sentAt)}`;
  return receivedAt === undefined ? 'waits in the queue' : 'was received';
}

/** A node's way in figures, as the table at the end and that of the page have it. */
export function figuresOf(timeline: NodeTimeline): readonly string[] {
  const { node, scene, noticeAt, cordonedAt, drainedAt, hookCompletedAt, deadlineAt, podsEvicted } = timeline;
  const between = (from: number | undefined, to: number | undefined): string =>
    from === undefined || to === undefined ? '–' : formatSeconds(to - from);
  return [
    node.replace(/\..*$/, ''),
    scene,
    between(noticeAt, cordonedAt),
    between(noticeAt, drainedAt),
    between(noticeAt, hookCompletedAt),
    heldMs(timeline) === 0 ? '–' : formatSeconds(heldMs(timeline)),
    between(hookCompletedAt ?? drainedAt, deadlineAt),
    String(podsEvicted),
  ];
}
