import { formatSeconds, heldMs, poisonWords } from '../observe/figures.ts';
import type { NodeTimeline, PoisonMessage, Span } from '../observe/timeline.ts';
import type { Layout, TimeScale } from './axis.ts';
import { join, shape } from './markup.ts';
import type { Markup } from './markup.ts';

/** A row of the picture: its axis, and its upper edge. */
interface Row {
  readonly scale: TimeScale;
  readonly layout: Layout;
  readonly y: number;
}

/** A row's place: its axis, and the upper edge and middle of its bar. */
interface Place extends Row {
  readonly top: number;
  readonly middle: number;
}

function placeOf(row: Row): Place {
  const top = row.y + row.layout.barTop;
  return { ...row, top, middle: top + row.layout.barHeight / 2 };
}

/** What a row says at its left and at its right. */
function rowWords({ layout, y, middle }: Place, left: string, right: string): Markup[] {
  if (layout.name === 'narrow') {
    return [
      shape('text', { x: layout.left, y: y + 14 }, left),
      shape('text', { class: 'quiet', x: layout.right, y: y + 14, 'text-anchor': 'end' }, right),
    ];
  }
  return [
    shape('text', { x: 14, y: middle + 4 }, left),
    shape('text', { class: 'quiet', x: layout.right + 18, y: middle + 4 }, right),
  ];
}

function bar({ scale, top, layout }: Place, { from, to }: Span, className: string, title?: string): Markup {
  const x = scale.x(from);
  // Even a tenth of a second must be seen.
  const width = Math.max(scale.x(to) - x, 4);
  const titles = title === undefined ? [] : [shape('title', {}, title)];
  return shape('rect', { class: className, x, y: top, width, height: layout.barHeight }, ...titles);
}

/** The steps of the pods that are left, as a shape whose height shows how many. */
function podArea(timeline: NodeTimeline, { scale, top, layout }: Place, { from, to }: Span): Markup {
  const bottom = top + layout.barHeight;
  const y = (count: number): string =>
    (bottom - (count / Math.max(timeline.podsTotal, 1)) * layout.barHeight).toFixed(1);
  const steps = timeline.podMoments
    .filter(({ at }) => at > from && at <= to)
    .map(({ at, left }) => ` H ${scale.x(at).toFixed(1)} V ${y(left)}`);
  const start = `M ${scale.x(from).toFixed(1)} ${bottom} V ${y(timeline.podsTotal)}`;
  return shape('path', { class: 'pods', d: `${start}${steps.join('')} H ${scale.x(to).toFixed(1)} V ${bottom} Z` });
}

/** The time in which a budget blocks; the pattern is that of the same picture, so that it is there when the other one is not shown. */
function stripes(place: Place, span: Span): Markup {
  const x = place.scale.x(span.from);
  const size = { x, y: place.top, width: Math.max(place.scale.x(span.to) - x, 4), height: place.layout.barHeight };
  const title = shape('title', {}, `a budget blocks for ${formatSeconds(span.to - span.from)}`);
  return shape('rect', { ...size, fill: `url(#stripes-${place.layout.name})` }, title);
}

function podBars(timeline: NodeTimeline, place: Place, going: Span): Markup {
  const { blocked, podsTotal } = timeline;
  return join(
    bar(place, going, 'pods-soft', `${podsTotal} pods go`),
    ...blocked.flatMap((span) => [bar(place, span, 'blocked-soft'), stripes(place, span)]),
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

function deadlineMark(deadlineAt: number | undefined, { scale, top, layout }: Place): Markup[] {
  if (deadlineAt === undefined) return [];
  const x = scale.x(deadlineAt);
  const line = { class: 'deadline', x1: x, x2: x, y1: top - 3, y2: top + layout.barHeight + 3 };
  return [shape('line', line, shape('title', {}, 'deadline'))];
}

/** One node's way, from left to right. `now` is where everything unfinished ends, in ms since the epoch. */
export function nodeRow(timeline: NodeTimeline, row: Row, now: number): Markup {
  const place = placeOf(row);
  const { scale } = row;
  const { noticeAt, cordonedAt, drainedAt, hookCompletedAt, deadlineAt, podsLeft, podsTotal } = timeline;
  const name = timeline.node.replace(/\..*$/, '');
  if (noticeAt === undefined) return shape('g', { class: 'node' }, ...rowWords(place, name, ''));
  const podsEnd = drainedAt ?? now;
  const cordonTitle = `notice → cordoned ${formatSeconds((cordonedAt ?? now) - noticeAt)}`;
  const summary =
    drainedAt === undefined
      ? `${podsLeft} of ${podsTotal} pods left`
      : `${podsTotal} pods in ${formatSeconds(drainedAt - noticeAt)}`;
  return shape(
    'g',
    { class: 'node' },
    bar(place, { from: noticeAt, to: deadlineAt ?? now }, 'track', 'time until the instance goes'),
    ...(cordonedAt === undefined ? [] : [podBars(timeline, place, { from: cordonedAt, to: podsEnd })]),
    bar(place, { from: noticeAt, to: cordonedAt ?? now }, 'notice', cordonTitle),
    ...endMarks(timeline, place),
    ...blockedLabel(timeline, scale.x(hookCompletedAt ?? podsEnd) + 26, place.middle),
    ...deadlineMark(deadlineAt, place),
    ...rowWords(place, name, summary),
  );
}

/** The way of the message that nobody understands: how long it was in the queue. */
export function poisonRow(poison: PoisonMessage, row: Row, now: number): Markup {
  const place = placeOf(row);
  const { scale, layout } = row;
  const to = poison.deletedAt ?? now;
  const words = poisonWords(poison);
  const disc = { class: 'done', cx: scale.x(to) + 10, cy: place.middle, r: 7.5 };
  const isNarrow = layout.name === 'narrow';
  return shape(
    'g',
    { class: 'poison' },
    bar(place, { from: poison.sentAt, to }, 'notice', words),
    ...(poison.deletedAt === undefined ? [] : [shape('circle', disc)]),
    ...(isNarrow ? [] : [shape('text', { class: 'quiet', x: scale.x(to) + 26, y: place.middle + 4 }, words)]),
    ...rowWords(place, isNarrow ? words : 'in the queue', ''),
  );
}
