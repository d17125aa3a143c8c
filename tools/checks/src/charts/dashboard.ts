import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { parse } from 'yaml';
import { chartsFolder } from './cases.ts';

/** What a panel shows. */
interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: 'short' | 's' | 'bytes' | 'percentunit';
  /** PromQL, and how its series are named. */
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  /** Default: a graph over time. */
  readonly kind?: 'stat';
}

const source = parse(readFileSync(path.join(chartsFolder, 'dashboard.yaml'), 'utf8')) as {
  readonly frame: object;
} & Readonly<Record<'shared' | 'queue-processor', readonly Panel[]>>;

/** The panels of a program's dashboard, in their order. */
export function panelsOf(program: Program): readonly Panel[] {
  return program === 'queue-processor' ? [...source.shared, ...source['queue-processor']] : source.shared;
}

/** The Grafana dashboard of a program: the numbers in the first row, then graphs, two in a row. */
export function dashboard(program: Program) {
  const all = panelsOf(program);
  const stats = all.filter(({ kind }) => kind === 'stat');
  const graphs = all.filter(({ kind }) => kind !== 'stat');
  const datasource = { type: 'prometheus', uid: '${datasource}' };
  return {
    uid: `nth-${program}`,
    title: `Node Termination Handler: ${program}`,
    ...source.frame,
    panels: [
      ...stats.map((panel, index) => model(panel, index + 1, { x: index * 4, y: 0, w: 4, h: 4 })),
      ...graphs.map((panel, index) =>
        model(panel, stats.length + index + 1, { x: (index % 2) * 12, y: 4 + Math.floor(index / 2) * 8, w: 12, h: 8 }),
      ),
    ],
  };

  function model(panel: Panel, id: number, gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>) {
    return {
      id,
      type: panel.kind ?? 'timeseries',
      title: panel.title,
      description: panel.description,
      datasource,
      gridPos,
      fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
      targets: panel.queries.map(({ expr, legend }, index) => ({
        refId: String.fromCharCode(65 + index),
        datasource,
        expr,
        legendFormat: legend,
      })),
    };
  }
}
