import type { Finding } from '../judge/judge.ts';
import { figureNames, figuresOf, formatSeconds } from '../observe/figures.ts';
import type { NodeTimeline } from '../observe/timeline.ts';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';

/** What must hold, and whether it does. */
export function findingsTable(findings: readonly Finding[]): Markup {
  const rows = findings.map(({ claim, holds, evidence }) => {
    const [className, mark] = holds ? ['holds', '✓'] : ['fails', '✗'];
    return markup`<tr><td class="mark ${className}">${mark}</td><td class="left">${claim}</td><td class="evidence">${evidence}</td></tr>`;
  });
  return markup`<table><tbody>${rows}</tbody></table>`;
}

/** Every node in numbers. */
export function nodeTable(timelines: readonly NodeTimeline[]): Markup {
  const heads = figureNames.map((head) => markup`<th>${head}</th>`);
  const rows = timelines.map((timeline) => {
    const cells = figuresOf(timeline).map((cell) => markup`<td>${cell}</td>`);
    return markup`<tr>${cells}</tr>`;
  });
  return markup`<table class="nodes"><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** The few numbers that say it all. */
export function cards(timelines: readonly NodeTimeline[], durationMs: number): Markup {
  const count = (isSo: (timeline: NodeTimeline) => boolean): number => timelines.filter(isSo).length;
  const cordons = timelines.flatMap(({ noticeAt, cordonedAt }) =>
    noticeAt === undefined || cordonedAt === undefined ? [] : [cordonedAt - noticeAt],
  );
  const numbers: readonly (readonly [string, string])[] = [
    [`${count(({ drainedAt }) => drainedAt !== undefined)} of ${timelines.length}`, 'nodes drained'],
    [String(count(({ hookCompletedAt }) => hookCompletedAt !== undefined)), 'lifecycle hooks completed'],
    [String(timelines.reduce((sum, { podsEvicted }) => sum + podsEvicted, 0)), 'pods evicted'],
    [cordons.length === 0 ? '–' : formatSeconds(Math.max(...cordons)), 'slowest notice → cordoned'],
    [formatSeconds(durationMs), 'from first to last'],
  ];
  const items = numbers.map(([number, label]) => markup`<div><b>${number}</b><span>${label}</span></div>`);
  return markup`<div class="cards">${items}</div>`;
}
