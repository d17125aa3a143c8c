import type { Program } from '@node-termination-handler/settings';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { at } from '../chart/manifests.ts';
import { panelsOf } from '../dashboard/dashboard.ts';
import { chartFolder } from '../program/program.ts';

/** A query in PromQL, and where it stands. */
export interface Expression {
  readonly where: string;
  readonly expr: string;
}

/** An alert in a chart's rules. */
export interface Alert extends Expression {
  readonly name: string;
  readonly runbookUrl: string;
}

/** The file with a chart's alerts. */
export function alertsFile(program: Program): string {
  return join(chartFolder(program), 'files', 'alerts.yaml');
}

/** The alerts of a chart. */
export async function alertsOf(program: Program): Promise<readonly Alert[]> {
  const rules: unknown = at(parse(await readFile(alertsFile(program), 'utf8')), 'groups', 0, 'rules');
  return (Array.isArray(rules) ? rules : []).map((rule: unknown) => ({
    name: String(at(rule, 'alert')),
    where: `alert ${String(at(rule, 'alert'))}`,
    expr: String(at(rule, 'expr')),
    runbookUrl: String(at(rule, 'annotations', 'runbook_url')),
  }));
}

/** The queries of a chart's dashboard, with Grafana's variables replaced by what Grafana would put there. */
export function dashboardExpressions(program: Program): readonly Expression[] {
  return panelsOf(program).flatMap(({ title, queries }) =>
    queries.map(({ expr }) => ({
      where: `panel "${title}"`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.+'),
    })),
  );
}
