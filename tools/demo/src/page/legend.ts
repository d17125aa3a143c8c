import { markup, shape } from './markup.ts';
import type { Markup } from './markup.ts';

const block = { x: 1, y: 2, width: 26, height: 14 };

const entries: readonly (readonly [string, ...Markup[]])[] = [
  ['notice → cordoned', shape('rect', { ...block, class: 'notice', x: 11, width: 6 })],
  [
    'pods going (height: how many are left)',
    shape('rect', { ...block, class: 'pods-soft' }),
    shape('path', { class: 'pods', d: 'M 1 16 V 2 H 9 V 6 H 17 V 11 H 24 V 16 Z' }),
  ],
  [
    'blocked by a disruption budget',
    shape('rect', { ...block, class: 'blocked-soft' }),
    shape('path', { class: 'blocked-stripe', d: 'M 3 15 L 12 3 M 11 15 L 20 3 M 18 15 L 26 4' }),
    shape('rect', { ...block, class: 'blocked-edge' }),
  ],
  ['drained', shape('circle', { class: 'done-ring', cx: 14, cy: 9, r: 6 })],
  [
    'lifecycle hook completed',
    shape('circle', { class: 'done', cx: 14, cy: 9, r: 7.5 }),
    shape('path', { class: 'tick', d: 'M 10.6 9 l 2.4 2.6 l 4.4 -5' }),
  ],
  ['time that was left', shape('rect', { ...block, class: 'track' })],
  ['deadline: the instance goes', shape('line', { class: 'deadline', x1: 14, x2: 14, y1: 0, y2: 18 })],
];

/** What the picture's shapes mean. */
export function legend(): Markup {
  const items = entries.map(
    ([label, ...shapes]) => markup`<li><svg width="28" height="18" aria-hidden="true">${shapes}</svg>${label}</li>`,
  );
  return markup`<ul class="legend">${items}</ul>`;
}

const entriesInRow = 4;
const rowHeight = 24;
const columnWidth = 290;

/** How tall the legend is in a picture. */
export const pictureLegendHeight = Math.ceil(entries.length / entriesInRow) * rowHeight + 14;

/** The same for a picture that stands alone, at its upper edge. */
export function pictureLegend(): Markup {
  const items = entries.map(([label, ...shapes], index) => {
    const place = `translate(${(index % entriesInRow) * columnWidth} ${Math.floor(index / entriesInRow) * rowHeight})`;
    return shape('g', { transform: place }, ...shapes, shape('text', { x: 36, y: 14 }, label));
  });
  return shape('g', { class: 'legend-entries' }, ...items);
}
