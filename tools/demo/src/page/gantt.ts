import type { NodeTimeline, Scene } from '../observe/timeline.ts';
import { layout, timeScale } from './axis.ts';
import type { TimeScale } from './axis.ts';
import { shape } from './markup.ts';
import type { Markup } from './markup.ts';
import { nodeRow } from './node-row.ts';

/** What each scene is called, in the order in which they are shown. */
const scenes: readonly { readonly scene: Scene; readonly title: string }[] = [
  { scene: 'spot', title: 'Spot interruption, seen by imds-agent in the instance metadata' },
  { scene: 'rebalance', title: 'Rebalance recommendation, through the queue' },
  { scene: 'lifecycle', title: 'Burst of lifecycle terminations, through the queue' },
];

function axis(timelines: readonly NodeTimeline[], endedAt: number): TimeScale {
  const moments = timelines.flatMap(({ noticeAt, deadlineAt, hookCompletedAt, drainedAt }) =>
    [noticeAt, deadlineAt, hookCompletedAt, drainedAt].flatMap((moment) => moment ?? []),
  );
  const start = Math.min(endedAt, ...moments);
  return timeScale(start, Math.max(start, ...moments), layout.left, layout.right);
}

/** Diagonal stripes, for the time in which a budget blocks. */
function stripes(): Markup {
  const pattern = {
    id: 'stripes',
    width: 8,
    height: 8,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  };
  const line = shape('line', { class: 'blocked-stripe', x1: 0, x2: 0, y1: 0, y2: 8 });
  return shape('defs', {}, shape('pattern', pattern, line));
}

function grid({ ticks }: TimeScale, height: number): Markup[] {
  return ticks.flatMap(({ x, label }) => [
    shape('line', { class: 'grid', x1: x, x2: x, y1: layout.headHeight - 6, y2: height }),
    shape('text', { class: 'quiet', x, y: 16, 'text-anchor': 'middle' }, label),
  ]);
}

/** The picture: one row for each node, scene by scene, on one axis from the first notice to the last deadline. */
export function gantt(timelines: readonly NodeTimeline[], endedAt: number): Markup {
  const scale = axis(timelines, endedAt);
  const rows: Markup[] = [];
  let y: number = layout.headHeight;
  for (const { scene, title } of scenes) {
    const inScene = timelines.filter((timeline) => timeline.scene === scene);
    if (inScene.length === 0) continue;
    rows.push(shape('text', { class: 'scene', x: 0, y: y + 21 }, title));
    y += layout.sceneHeight;
    for (const timeline of inScene) {
      rows.push(nodeRow(timeline, scale, y, endedAt));
      y += layout.rowHeight;
    }
  }
  const attributes = {
    // A page needs none, a picture on its own does.
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'chart',
    viewBox: `0 0 ${layout.width} ${y + 8}`,
    role: 'img',
    'aria-label': `Timeline of ${timelines.length} nodes from notice to completion`,
  };
  return shape('svg', attributes, stripes(), ...grid(scale, y + 4), ...rows);
}
