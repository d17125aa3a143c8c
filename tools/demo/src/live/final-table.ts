import Table from 'cli-table3';
import yoctocolors from 'yoctocolors';
import type { Finding } from '../judge/judge.ts';
import { figureNames, figuresMean, figuresOf } from '../observe/figures.ts';
import type { NodeTimeline } from '../observe/timeline.ts';

const { bold, dim, green, red } = yoctocolors;

/** Whatever the terminal is: 80 columns are everywhere, and what is wider is hard to read. */
const width = 80;

const edges = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [side, `${side}-mid`]);
const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right', 'left-mid', 'right-mid', 'middle'];
const noBorders = {
  chars: Object.fromEntries([...edges, ...corners].map((name) => [name, ''])),
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/** The end of the demo as a table: one line for each node. */
export function nodeTable(timelines: readonly NodeTimeline[]): string {
  const table = new Table({
    ...noBorders,
    head: figureNames.map((name) => bold(name)),
    style: { ...noBorders.style, 'padding-right': 2 },
    colAligns: figureNames.map((_, column) => (column < 2 ? 'left' : 'right')),
  });
  table.push(...timelines.map((timeline) => [...figuresOf(timeline)]));
  return `${table.toString()}\n${dim(paragraph(figuresMean))}`;
}

/** The verdict, one line for each claim; what does not hold has its exceptions below. */
export function findingLines(findings: readonly Finding[]): string {
  const table = new Table({
    ...noBorders,
    colWidths: [2, width - 14, 12],
    colAligns: ['left', 'left', 'right'],
    wordWrap: true,
  });
  for (const { claim, holds, evidence } of findings) {
    table.push(holds ? [green('✓'), claim, dim(evidence)] : [red('✗'), claim, '']);
    if (!holds) table.push(['', { content: evidence, colSpan: 2 }]);
  }
  return table.toString();
}

/** A text in lines that fit. */
export function paragraph(text: string): string {
  const table = new Table({ ...noBorders, colWidths: [width], wordWrap: true });
  table.push([text]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
