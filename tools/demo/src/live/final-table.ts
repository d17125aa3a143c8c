import Table from 'cli-table3';
import yoctocolors from 'yoctocolors';
import type { Finding } from '../judge/judge.ts';
import { figureNames, figuresOf } from '../observe/figures.ts';
import type { NodeTimeline } from '../observe/timeline.ts';

const { green, red } = yoctocolors;

/** The end of the demo as a table: one line for each node. */
export function nodeTable(timelines: readonly NodeTimeline[]): string {
  const table = new Table({
    head: figureNames,
    style: { head: [], border: [], compact: true },
    colAligns: figureNames.map((_, column) => (column < 2 ? 'left' : 'right')),
  });
  table.push(...timelines.map((timeline) => [...figuresOf(timeline)]));
  return table.toString();
}

/** The verdict, one line for each claim. */
export function findingLines(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ claim }) => claim.length));
  return findings
    .map(({ claim, holds, evidence }) => `${holds ? green('✓') : red('✗')} ${claim.padEnd(width)} ${evidence}`)
    .join('\n');
}
