import type { NodeTimeline, PoisonMessage, Scene } from '../observe/timeline.ts';
import { timeScale } from './axis.ts';
import type { Layout, TimeScale } from './axis.ts';
import { shape } from './markup.ts';
import type { Markup } from './markup.ts';
import { nodeRow, poisonRow } from './node-row.ts';

/** What each scene is called, in the order in which they are shown. */
const scenes: readonly { readonly scene: Scene; readonly title: string; readonly short: string }[] = [
  {
    scene: 'spot',
    title: 'Spot interruption, seen by imds-agent in the instance metadata',
    short: 'Spot interruption, seen by imds-agent',
  },
  {
    scene: 'rebalance',
    title: 'Rebalance recommendation, through the queue',
    short: 'Rebalance recommendation, by the queue',
  },
  {
    scene: 'lifecycle',
    title: 'Burst of lifecycle terminations, through the queue',
    short: 'Burst of lifecycle terminations, by the queue',
  },
];

const poisonTitle = 'A message that is no event, in the midst of it';

function axis(timelines: readonly NodeTimeline[], endedAt: number, layout: Layout): TimeScale {
  const moments = timelines.flatMap(({ noticeAt, deadlineAt, hookCompletedAt, drainedAt }) =>
    [noticeAt, deadlineAt, hookCompletedAt, drainedAt].flatMap((moment) => moment ?? []),
  );
  const start = Math.min(endedAt, ...moments);
  return timeScale(start, Math.max(start, ...moments), layout.left, layout.right);
}

/** Diagonal stripes, for the time in which a budget blocks. */
function stripes({ name }: Layout): Markup {
  const pattern = {
    id: `stripes-${name}`,
    width: 8,
    height: 8,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  };
  const line = shape('line', { class: 'blocked-stripe', x1: 0, x2: 0, y1: 0, y2: 8 });
  return shape('defs', {}, shape('pattern', pattern, line));
}

function grid({ ticks }: TimeScale, layout: Layout, height: number): Markup[] {
  // Narrow, every second line says what it is.
  const every = layout.name === 'narrow' ? 2 : 1;
  return ticks.flatMap(({ x, label }, index) => [
    shape('line', { class: 'grid', x1: x, x2: x, y1: layout.headHeight - 6, y2: height }),
    ...(index % every === 0 ? [shape('text', { class: 'quiet', x, y: 16, 'text-anchor': 'middle' }, label)] : []),
  ]);
}

/** The picture: one row for each node, scene by scene, on one axis from the first notice to the last deadline. */
export function gantt(
  timelines: readonly NodeTimeline[],
  poison: PoisonMessage | undefined,
  endedAt: number,
  layout: Layout,
): Markup {
  const scale = axis(timelines, endedAt, layout);
  const rows: Markup[] = [];
  let y: number = layout.headHeight;
  const head = (title: string): void => {
    rows.push(shape('text', { class: 'scene', x: 0, y: y + 21 }, title));
    y += layout.sceneHeight;
  };
  for (const { scene, title, short } of scenes) {
    const inScene = timelines.filter((timeline) => timeline.scene === scene);
    if (inScene.length === 0) continue;
    head(layout.name === 'wide' ? title : short);
    for (const timeline of inScene) {
      rows.push(nodeRow(timeline, { scale, layout, y }, endedAt));
      y += layout.rowHeight;
    }
  }
  if (poison !== undefined) {
    head(poisonTitle);
    rows.push(poisonRow(poison, { scale, layout, y }, endedAt));
    y += layout.rowHeight;
  }
  const attributes = {
    // A page needs none, a picture on its own does.
    xmlns: 'http://www.w3.org/2000/svg',
    class: `chart ${layout.name}`,
    viewBox: `0 0 ${layout.width} ${y + 8}`,
    role: 'img',
    'aria-label': `Timeline of ${timelines.length} nodes from notice to completion`,
  };
  return shape('svg', attributes, stripes(layout), ...grid(scale, layout, y + 4), ...rows);
}
