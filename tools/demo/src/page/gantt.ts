import type { NodeTimeline, Scene } from '../observe/timeline.ts';
import { formatSeconds } from '../format-seconds.ts';
import { html } from './markup.ts';
import type { Markup } from './markup.ts';
import { timeScale } from './scale.ts';
import type { TimeScale } from './scale.ts';
import { sceneTitles } from './scenes.ts';

const width = 1200;
const left = 190;
const right = 1010;
const rowHeight = 28;
const barHeight = 18;
const headHeight = 30;
const sceneHeight = 30;

/** The steps of the pods that are left, as a shape whose height shows how many. */
function podArea(timeline: NodeTimeline, scale: TimeScale, top: number, from: number, to: number): Markup {
  const height = (count: number): number => (timeline.podsTotal === 0 ? 0 : (count / timeline.podsTotal) * barHeight);
  const bottom = top + barHeight;
  let path = `M ${scale.x(from).toFixed(1)} ${bottom} V ${(bottom - height(timeline.podsTotal)).toFixed(1)}`;
  for (const { at, left: count } of timeline.podMoments) {
    if (at <= from || at > to) continue;
    path += ` H ${scale.x(at).toFixed(1)} V ${(bottom - height(count)).toFixed(1)}`;
  }
  path += ` H ${scale.x(to).toFixed(1)} V ${bottom} Z`;
  return html`<path class="pods" d="${path}" />`;
}

function bar(className: string, scale: TimeScale, top: number, from: number, to: number, title: string): Markup {
  const x = scale.x(from);
  // Even a tenth of a second must be seen.
  const barWidth = Math.max(scale.x(to) - x, 4);
  return html`<rect class="${className}" x="${x}" y="${top}" width="${barWidth}" height="${barHeight}"
    ><title>${title}</title></rect
  >`;
}

function blockedBars(timeline: NodeTimeline, scale: TimeScale, top: number): Markup[] {
  return timeline.blocked.map(({ from, to }) => {
    const x = scale.x(from);
    const barWidth = Math.max(scale.x(to) - x, 4);
    const title = `A disruption budget blocks for ${formatSeconds(to - from)}`;
    return html`<g
      ><title>${title}</title
      ><rect class="blocked-soft" x="${x}" y="${top}" width="${barWidth}" height="${barHeight}" /><rect
        fill="url(#stripes)"
        x="${x}"
        y="${top}"
        width="${barWidth}"
        height="${barHeight}"
    /></g>`;
  });
}

/** Over the pods: where the block begins and ends. */
function blockedEdges(timeline: NodeTimeline, scale: TimeScale, top: number): Markup[] {
  return timeline.blocked.map(({ from, to }) => {
    const x = scale.x(from);
    return html`<rect
      class="blocked-edge"
      x="${x}"
      y="${top}"
      width="${Math.max(scale.x(to) - x, 4)}"
      height="${barHeight}"
    />`;
  });
}

/** How long budgets blocked, in words, behind the bar. */
function blockedLabel(timeline: NodeTimeline, x: number, middle: number): Markup {
  const blockedMs = timeline.blocked.reduce((sum, { from, to }) => sum + to - from, 0);
  if (blockedMs < 500) return html``;
  return html`<text class="label" x="${x}" y="${middle + 4}">held ${formatSeconds(blockedMs)} by a budget</text>`;
}

function endMark(timeline: NodeTimeline, scale: TimeScale, middle: number): Markup {
  const { drainedAt, hookCompletedAt } = timeline;
  const ring =
    drainedAt === undefined
      ? html``
      : html`<circle class="done-ring" cx="${scale.x(drainedAt)}" cy="${middle}" r="6"><title>drained</title></circle>`;
  if (hookCompletedAt === undefined) return ring;
  const x = scale.x(hookCompletedAt) + (drainedAt === undefined ? 0 : 11);
  return html`${ring}<circle class="done" cx="${x}" cy="${middle}" r="7.5"
      ><title>lifecycle hook completed</title></circle
    ><path class="tick" d="M ${x - 3.4} ${middle} l 2.4 2.6 l 4.4 -5" />`;
}

function row(timeline: NodeTimeline, scale: TimeScale, y: number, now: number): Markup {
  const top = y + (rowHeight - barHeight) / 2;
  const middle = y + rowHeight / 2;
  const label = html`<text x="14" y="${middle + 4}">${timeline.node.replace(/\..*$/, '')}</text>`;
  const { noticeAt, cordonedAt, drainedAt, deadlineAt } = timeline;
  if (noticeAt === undefined) return html`<g>${label}</g>`;
  const deadline =
    deadlineAt === undefined
      ? html``
      : html`<line
          class="deadline"
          x1="${scale.x(deadlineAt)}"
          x2="${scale.x(deadlineAt)}"
          y1="${top - 3}"
          y2="${top + barHeight + 3}"
          ><title>deadline</title></line
        >`;
  const track = bar('track', scale, top, noticeAt, deadlineAt ?? now, 'time until the instance goes');
  const noticed = bar(
    'notice',
    scale,
    top,
    noticeAt,
    cordonedAt ?? now,
    `notice → cordoned ${formatSeconds((cordonedAt ?? now) - noticeAt)}`,
  );
  const podsEnd = drainedAt ?? now;
  const soft =
    cordonedAt === undefined
      ? html``
      : bar('pods-soft', scale, top, cordonedAt, podsEnd, `${timeline.podsTotal} pods go`);
  const area = cordonedAt === undefined ? html`` : podArea(timeline, scale, top, cordonedAt, podsEnd);
  const pods = html`${soft}${blockedBars(timeline, scale, top)}${area}${blockedEdges(timeline, scale, top)}`;
  const summary =
    drainedAt === undefined
      ? `${timeline.podsLeft} of ${timeline.podsTotal} pods left`
      : `${timeline.podsTotal} pods in ${formatSeconds(drainedAt - noticeAt)}`;
  return html`<g class="node"
    >${label}${track}${pods}${noticed}${endMark(timeline, scale, middle)}${blockedLabel(timeline, scale.x(timeline.hookCompletedAt ?? podsEnd) + 26, middle)}${deadline}<text
      class="quiet"
      x="${right + 18}"
      y="${middle + 4}"
      >${summary}</text
    ></g
  >`;
}

/** The picture: one row for each node, in the order of the scenes, on one axis from the first notice to the last deadline. */
export function gantt(timelines: readonly NodeTimeline[], endedAt: number): Markup {
  const moments = timelines.flatMap(({ noticeAt, deadlineAt, hookCompletedAt, drainedAt }) => [
    noticeAt ?? endedAt,
    deadlineAt ?? endedAt,
    hookCompletedAt ?? endedAt,
    drainedAt ?? endedAt,
  ]);
  const start = Math.min(endedAt, ...moments);
  const scale = timeScale(start, Math.max(start, ...moments), left, right);
  const rows: Markup[] = [];
  let y = headHeight;
  for (const scene of Object.keys(sceneTitles) as Scene[]) {
    const inScene = timelines.filter((timeline) => timeline.scene === scene);
    if (inScene.length === 0) continue;
    rows.push(html`<text class="scene" x="0" y="${y + 21}">${sceneTitles[scene]}</text>`);
    y += sceneHeight;
    for (const timeline of inScene) {
      rows.push(row(timeline, scale, y, endedAt));
      y += rowHeight;
    }
  }
  const grid = scale.ticks.map(
    ({ x, label }) =>
      html`<line class="grid" x1="${x}" x2="${x}" y1="${headHeight - 6}" y2="${y + 4}" /><text
          class="quiet"
          x="${x}"
          y="16"
          text-anchor="middle"
          >${label}</text
        >`,
  );
  return html`<svg
    class="chart"
    viewBox="0 0 ${width} ${y + 8}"
    role="img"
    aria-label="Timeline of ${timelines.length} nodes from notice to completion"
  >
    <defs>
      <pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="blocked-stripe" x1="0" x2="0" y1="0" y2="8" />
      </pattern>
    </defs>
    ${grid}${rows}
  </svg>`;
}
