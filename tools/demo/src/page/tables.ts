import { formatSeconds } from '../format-seconds.ts';
import type { Finding } from '../judge/finding.ts';
import type { NodeTimeline } from '../observe/timeline.ts';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';

function between(from: number | undefined, to: number | undefined): string {
  return from === undefined || to === undefined ? '–' : formatSeconds(to - from);
}

/** What must hold, and whether it does. */
export function findingsTable(findings: readonly Finding[]): Markup {
  const rows = findings.map(({ claim, holds, evidence }) => {
    const [className, mark] = holds ? ['holds', '✓'] : ['fails', '✗'];
    return markup`<tr><td class="mark ${className}">${mark}</td><td class="left">${claim}</td><td class="evidence">${evidence}</td></tr>`;
  });
  return markup`<table><tbody>${rows}</tbody></table>`;
}

function nodeCells(timeline: NodeTimeline): readonly string[] {
  const { noticeAt, cordonedAt, drainedAt, hookCompletedAt, deadlineAt, blocked, podsEvicted } = timeline;
  const blockedMs = blocked.reduce((sum, { from, to }) => sum + to - from, 0);
  return [
    timeline.node,
    timeline.scene,
    between(noticeAt, cordonedAt),
    between(noticeAt, drainedAt),
    between(noticeAt, hookCompletedAt),
    blockedMs === 0 ? '–' : formatSeconds(blockedMs),
    between(hookCompletedAt ?? drainedAt, deadlineAt),
    String(podsEvicted),
  ];
}

const nodeHeads = [
  'node',
  'notice',
  '→ cordoned',
  '→ drained',
  '→ hook completed',
  'blocked',
  'left on the deadline',
  'pods evicted',
];

/** Every node in numbers. */
export function nodeTable(timelines: readonly NodeTimeline[]): Markup {
  const heads = nodeHeads.map((head) => markup`<th>${head}</th>`);
  const rows = timelines.map((timeline) => {
    const cells = nodeCells(timeline).map((cell) => markup`<td>${cell}</td>`);
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
