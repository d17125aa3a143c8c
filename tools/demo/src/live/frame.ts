import yoctocolors from 'yoctocolors';
import { formatSeconds, poisonWords } from '../observe/figures.ts';
import { isBlocked, stageOf } from '../observe/timeline.ts';
import type { NodeTimeline, PoisonMessage } from '../observe/timeline.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of block characters, `width` columns wide when full, in eighths of a column. */
export function bar(share: number, width: number): string {
  const parts = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const filled = '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
  return filled.padEnd(width, '·');
}

const { bold, cyan, dim, green, magenta, yellow } = yoctocolors;

/** What a line has besides its bar, in columns. */
const besidesBar = 68;

function since(notice: number | undefined, at: number | undefined): string {
  return (notice === undefined || at === undefined ? '' : formatSeconds(at - notice)).padStart(6);
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

function line(timeline: NodeTimeline, now: number, barWidth: number): string {
  const { noticeAt, cordonedAt, drainedAt, hookCompletedAt, podsLeft, podsTotal } = timeline;
  const share = podsTotal === 0 ? 0 : podsLeft / podsTotal;
  const paint = isBlocked(timeline, now) ? magenta : cyan;
  return [
    (timeline.node.split('.')[0] ?? '').padEnd(12),
    dim(timeline.scene.padEnd(9)),
    since(noticeAt, cordonedAt).padStart(8),
    paint(bar(share, barWidth)),
    `${podsLeft}/${podsTotal}`,
    since(noticeAt, drainedAt),
    since(noticeAt, hookCompletedAt),
    status(timeline, now),
  ].join(' ');
}

/** What the live view shows. Moments in ms since the epoch. */
export interface Scenery {
  readonly timelines: readonly NodeTimeline[];
  readonly poison: PoisonMessage | undefined;
  readonly now: number;
  readonly startedAt: number;
}

/** How large the terminal is, in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** One picture of the live view: a line for each node (nodes that are done go first), in no more lines and columns than there are. */
export function frame({ timelines, poison, now, startedAt }: Scenery, { rows, columns }: TerminalSize): string {
  const barWidth = Math.min(Math.max(columns - besidesBar, 4), 24);
  const head = [
    bold(`Node Termination Handler – demo ${formatSeconds(now - startedAt)}`),
    dim(`node         notice    cordoned ${'pods left'.padEnd(barWidth)}    drained   hook`),
  ];
  const foot = poison === undefined ? [] : [dim(`a message that is no event: ${poisonWords(poison)}`)];
  const room = Math.max(rows - head.length - foot.length - 2, 3);
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
    ...shown.map((timeline) => line(timeline, now, barWidth)),
    ...foot,
    dim(`${done.length} of ${timelines.length} done${hidden > 0 ? `, ${hidden} not shown` : ''}`),
  ].join('\n');
}
