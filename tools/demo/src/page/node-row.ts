import { formatSeconds, heldMs } from '../observe/figures.ts';
import type { NodeTimeline, Span } from '../observe/timeline.ts';
import { layout } from './axis.ts';
import type { TimeScale } from './axis.ts';
import { join, shape } from './markup.ts';
import type { Markup } from './markup.ts';

const { barHeight, rowHeight, right } = layout;

/** A row's place: its axis, and the upper edge and middle of its bar. */
interface Place {
  readonly scale: TimeScale;
  readonly top: number;
  readonly middle: number;
}

function bar({ scale, top }: Place, { from, to }: Span, className: string, title?: string): Markup {
  const x = scale.x(from);
  // Even a tenth of a second must be seen.
  const width = Math.max(scale.x(to) - x, 4);
  const titles = title === undefined ? [] : [shape('title', {}, title)];
  return shape('rect', { class: className, x, y: top, width, height: barHeight }, ...titles);
}

/** The steps of the pods that are left, as a shape whose height shows how many. */
function podArea(timeline: NodeTimeline, { scale, top }: Place, { from, to }: Span): Markup {
  const bottom = top + barHeight;
  const y = (count: number): string => (bottom - (count / Math.max(timeline.podsTotal, 1)) * barHeight).toFixed(1);
  const steps = timeline.podMoments
    .filter(({ at }) => at > from && at <= to)
    .map(({ at, left }) => ` H ${scale.x(at).toFixed(1)} V ${y(left)}`);
  const start = `M ${scale.x(from).toFixed(1)} ${bottom} V ${y(timeline.podsTotal)}`;
  return shape('path', { class: 'pods', d: `${start}${steps.join('')} H ${scale.x(to).toFixed(1)} V ${bottom} Z` });
}

function podBars(timeline: NodeTimeline, place: Place, going: Span): Markup {
  const { blocked, podsTotal } = timeline;
  return join(
    bar(place, going, 'pods-soft', `${podsTotal} pods go`),
    ...blocked.flatMap((span) => [
      bar(place, span, 'blocked-soft'),
      bar(place, span, 'stripes', `a budget blocks for ${formatSeconds(span.to - span.from)}`),
    ]),
    podArea(timeline, place, going),
    ...blocked.map((span) => bar(place, span, 'blocked-edge')),
  );
}

function endMarks({ drainedAt, hookCompletedAt }: NodeTimeline, { scale, middle }: Place): Markup[] {
  const marks: Markup[] = [];
  if (drainedAt !== undefined) {
    const ring = { class: 'done-ring', cx: scale.x(drainedAt), cy: middle, r: 6 };
    marks.push(shape('circle', ring, shape('title', {}, 'drained')));
  }
  if (hookCompletedAt !== undefined) {
    const x = scale.x(hookCompletedAt) + (drainedAt === undefined ? 0 : 11);
    const disc = { class: 'done', cx: x, cy: middle, r: 7.5 };
    marks.push(
      shape('circle', disc, shape('title', {}, 'lifecycle hook completed')),
      shape('path', { class: 'tick', d: `M ${(x - 3.4).toFixed(1)} ${middle} l 2.4 2.6 l 4.4 -5` }),
    );
  }
  return marks;
}

/** How long budgets blocked, in words, behind the bar. */
function blockedLabel(timeline: NodeTimeline, x: number, middle: number): Markup[] {
  const ms = heldMs(timeline);
  if (ms < 500) return [];
  return [shape('text', { class: 'label', x, y: middle + 4 }, `held ${formatSeconds(ms)} by a budget`)];
}

function deadlineMark(deadlineAt: number | undefined, { scale, top }: Place): Markup[] {
  if (deadlineAt === undefined) return [];
  const x = scale.x(deadlineAt);
  const line = { class: 'deadline', x1: x, x2: x, y1: top - 3, y2: top + barHeight + 3 };
  return [shape('line', line, shape('title', {}, 'deadline'))];
}

/** One node's way, from left to right. `now` is where everything unfinished ends, in ms since the epoch. */
export function nodeRow(timeline: NodeTimeline, scale: TimeScale, y: number, now: number): Markup {
  const place = { scale, top: y + (rowHeight - barHeight) / 2, middle: y + rowHeight / 2 };
  const { noticeAt, cordonedAt, drainedAt, hookCompletedAt, deadlineAt, podsLeft, podsTotal } = timeline;
  const name = shape('text', { x: 14, y: place.middle + 4 }, timeline.node.replace(/\..*$/, ''));
  if (noticeAt === undefined) return shape('g', { class: 'node' }, name);
  const podsEnd = drainedAt ?? now;
  const cordonTitle = `notice → cordoned ${formatSeconds((cordonedAt ?? now) - noticeAt)}`;
  const summary =
    drainedAt === undefined
      ? `${podsLeft} of ${podsTotal} pods left`
      : `${podsTotal} pods in ${formatSeconds(drainedAt - noticeAt)}`;
  return shape(
    'g',
    { class: 'node' },
    name,
    bar(place, { from: noticeAt, to: deadlineAt ?? now }, 'track', 'time until the instance goes'),
    ...(cordonedAt === undefined ? [] : [podBars(timeline, place, { from: cordonedAt, to: podsEnd })]),
    bar(place, { from: noticeAt, to: cordonedAt ?? now }, 'notice', cordonTitle),
    ...endMarks(timeline, place),
    ...blockedLabel(timeline, scale.x(hookCompletedAt ?? podsEnd) + 26, place.middle),
    ...deadlineMark(deadlineAt, place),
    shape('text', { class: 'quiet', x: right + 18, y: place.middle + 4 }, summary),
  );
}
