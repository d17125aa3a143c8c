import yoctocolors from 'yoctocolors';
import { formatSeconds } from '../observe/figures.ts';
import { isBlocked, stageOf } from '../observe/timeline.ts';
import type { NodeTimeline } from '../observe/timeline.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of block characters, `width` columns wide when full, in eighths of a column. */
export function bar(share: number, width: number): string {
  const parts = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const filled = '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
  return filled.padEnd(width, '·');
}

const { bold, cyan, dim, green, magenta, yellow } = yoctocolors;

const barWidth = 16;

function since(notice: number | undefined, at: number | undefined): string {
  return (notice === undefined || at === undefined ? '' : formatSeconds(at - notice)).padStart(7);
}

function status(timeline: NodeTimeline, now: number): string {
  switch (stageOf(timeline)) {
    case 'waiting':
      return dim('–');
    case 'noticed':
      return yellow('notice');
    case 'cordoned':
      return isBlocked(timeline, now) ? magenta('held by a budget') : cyan('pods going');
    case 'drained':
      return timeline.scene === 'lifecycle' ? cyan('drained') : green('drained ✓');
    case 'completed':
      return green('hook completed ✓');
  }
}

function line(timeline: NodeTimeline, now: number): string {
  const { noticeAt, cordonedAt, drainedAt, hookCompletedAt, podsLeft, podsTotal } = timeline;
  const share = podsTotal === 0 ? 0 : podsLeft / podsTotal;
  const paint = isBlocked(timeline, now) ? magenta : cyan;
  return [
    (timeline.node.split('.')[0] ?? '').padEnd(15),
    dim(timeline.scene.padEnd(10)),
    since(noticeAt, cordonedAt),
    ` ${paint(bar(share, barWidth))}`,
    `${String(podsLeft).padStart(2)}/${podsTotal}`,
    since(noticeAt, drainedAt),
    since(noticeAt, hookCompletedAt),
    ` ${status(timeline, now)}`,
  ].join(' ');
}

/** One picture of the live view: a line for each node, in no more than `rows` lines (nodes that are done go first). */
export function frame(timelines: readonly NodeTimeline[], now: number, startedAt: number, rows: number): string {
  const head = [
    bold(`Node Termination Handler – demo ${formatSeconds(now - startedAt)}`),
    dim('node            notice     cordoned pods left             drained    hook'),
  ];
  const room = Math.max(rows - head.length - 2, 3);
  const isDone = (timeline: NodeTimeline): boolean =>
    timeline.scene === 'lifecycle' ? timeline.hookCompletedAt !== undefined : timeline.drainedAt !== undefined;
  const done = timelines.filter(isDone);
  const shown =
    timelines.length <= room
      ? timelines
      : [...timelines.filter((timeline) => !isDone(timeline)), ...done].slice(0, room);
  const hidden = timelines.length - shown.length;
  return [
    ...head,
    ...shown.map((timeline) => line(timeline, now)),
    dim(`${done.length} of ${timelines.length} done${hidden > 0 ? `, ${hidden} not shown` : ''}`),
  ].join('\n');
}
