import Table from 'cli-table3';
import yoctocolors from 'yoctocolors';
import { formatSeconds } from '../format-seconds.ts';
import type { Finding } from '../judge/finding.ts';
import type { NodeTimeline } from '../observe/timeline.ts';

const { green, red } = yoctocolors;

function between(from: number | undefined, to: number | undefined): string {
  return from === undefined || to === undefined ? '–' : formatSeconds(to - from);
}

/** The end of the demo as a table: one line for each node. */
export function nodeTable(timelines: readonly NodeTimeline[]): string {
  const table = new Table({
    head: ['node', 'notice', '→ cordoned', '→ drained', '→ hook', 'held', 'time left', 'evicted'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const {
    node,
    scene,
    noticeAt,
    cordonedAt,
    drainedAt,
    hookCompletedAt,
    deadlineAt,
    blocked,
    podsEvicted,
  } of timelines) {
    const heldMs = blocked.reduce((sum, { from, to }) => sum + to - from, 0);
    table.push([
      node.replace(/\..*$/, ''),
      scene,
      between(noticeAt, cordonedAt),
      between(noticeAt, drainedAt),
      between(noticeAt, hookCompletedAt),
      heldMs === 0 ? '–' : formatSeconds(heldMs),
      between(hookCompletedAt ?? drainedAt, deadlineAt),
      podsEvicted,
    ]);
  }
  return table.toString();
}

/** The verdict, one line for each claim. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(({ claim, holds, evidence }) => `${holds ? green('✓') : red('✗')} ${claim.padEnd(52)} ${evidence}`)
    .join('\n');
}
