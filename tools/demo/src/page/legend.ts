import { html } from './markup.ts';
import type { Markup } from './markup.ts';

const entries: readonly (readonly [string, Markup])[] = [
  ['notice → cordoned', html`<rect class="notice" x="11" y="2" width="6" height="14" />`],
  [
    'pods going (height: how many are left)',
    html`<rect class="pods-soft" x="1" y="2" width="26" height="14" /><path
        class="pods"
        d="M 1 16 V 2 H 9 V 6 H 17 V 11 H 24 V 16 Z"
      />`,
  ],
  [
    'blocked by a disruption budget',
    html`<rect class="blocked-soft" x="1" y="2" width="26" height="14" /><path
        class="blocked-stripe"
        d="M 3 15 L 12 3 M 11 15 L 20 3 M 18 15 L 26 4"
      /><rect class="blocked-edge" x="1" y="2" width="26" height="14" />`,
  ],
  ['drained', html`<circle class="done-ring" cx="14" cy="9" r="6" />`],
  [
    'lifecycle hook completed',
    html`<circle class="done" cx="14" cy="9" r="7.5" /><path class="tick" d="M 10.6 9 l 2.4 2.6 l 4.4 -5" />`,
  ],
  ['time that was left', html`<rect class="track" x="1" y="2" width="26" height="14" />`],
  ['deadline: the instance goes', html`<line class="deadline" x1="14" x2="14" y1="0" y2="18" />`],
];

/** What the picture's shapes mean. */
export function legend(): Markup {
  const items = entries.map(
    ([label, shape]) => html`<li><svg width="28" height="18" aria-hidden="true">${shape}</svg>${label}</li>`,
  );
  return html`<ul class="legend">
    ${items}
  </ul>`;
}
