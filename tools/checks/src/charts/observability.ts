import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMetrics } from '@node-termination-handler/metrics';
import type { Program } from '@node-termination-handler/settings';
import { stringify } from 'yaml';
import { run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { programs } from '../workspace.ts';
import { metricsOfOthers, nameOf, rulesOf } from './alert-rules.ts';
import type { RenderedCharts } from './cases.ts';
import { panelsOf } from './dashboard.ts';
import { groupings, labelsOf, selectorsIn, unknownIn } from './promql.ts';
import type { Labels } from './promql.ts';

/** A query in PromQL, and where it stands. */
interface Expression {
  readonly where: string;
  readonly expr: string;
}

/** Prometheus understands every query of the dashboards. */
export async function dashboardsParse({ tools }: RenderedCharts): Promise<Verdict> {
  const queries = programs.flatMap(dashboardExpressions);
  const rules = queries.map(({ expr }, index) => ({ record: `dashboard:query:${index}`, expr }));
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'dashboard-'));
  const file = path.join(folder.path, 'queries.yaml');
  await writeFile(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
  const problems = await promtool(tools.promtool, ['check', 'rules', '--lint=none', file]);
  return { detail: `${queries.length} queries`, problems };
}

/** Every metric, label and value that a rule or a panel asks for is one that there is, and clusters are told apart. */
export async function metricsExist(): Promise<Verdict> {
  const known = { ...(await exposedSeries()), ...recordedSeries(), ...seriesOfOthers() };
  const panels = programs.flatMap(dashboardExpressions);
  const rules = programs.flatMap(ruleExpressions);
  const all = [...rules, ...panels];
  const problems = new Set(
    all.flatMap(({ where, expr }) => unknownIn(expr, known).map((problem) => `${where} ${problem}`)),
  );
  const mixed = [
    ...rules.filter(({ expr }) => groupings(expr).some((labels) => !labels.includes('cluster'))),
    ...panels.filter(({ expr }) =>
      selectorsIn(expr).some(({ matchers }) => !matchers.some(({ label }) => label === 'cluster')),
    ),
  ];
  return {
    detail: `${all.length} queries`,
    problems: [...problems, ...mixed.map(({ where, expr }) => `${where} mixes clusters: ${expr}`)],
  };
}

/** What promtool has to say against its arguments. */
export async function promtool(binary: string, args: readonly string[]): Promise<readonly string[]> {
  const { code, output } = await run(binary, args);
  return code === 0 ? [] : [output];
}

function ruleExpressions(program: Program): readonly Expression[] {
  return rulesOf(program).map((rule) => ({ where: nameOf(rule), expr: rule.expr }));
}

/** The queries of a chart's dashboard, with Grafana's variables replaced by what Grafana would put there. */
function dashboardExpressions(program: Program): readonly Expression[] {
  return panelsOf(program).flatMap(({ title, queries }) =>
    queries.map(({ expr }) => ({
      where: `panel "${title}"`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.+').replaceAll('$cluster', '.*'),
    })),
  );
}

/** The series that the programs expose, with their labels: of a histogram its buckets, sum and count. */
export async function exposedSeries(): Promise<Readonly<Record<string, Labels>>> {
  using metrics = createMetrics({ name: 'queue-processor', version: '0' });
  // These have their results with the first one.
  metrics.countKubernetesRequest('create', 'pods/eviction', 'ok');
  metrics.countAwsCall('sqs', 'ReceiveMessage', 'ok');
  const { body } = await metrics.scrape();
  const series: Record<string, Record<string, Set<string>>> = {};
  for (const [, name = '', labels = ''] of body.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = (series[name] ??= {});
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
      (known[label] ??= new Set()).add(value);
  }
  // Without labels, and without a sample until something happens.
  for (const [, name = ''] of body.matchAll(/^# TYPE (\S+) (?!histogram)/gm)) series[name] ??= {};
  return series;
}

/** What the rules record. */
function recordedSeries(): Readonly<Record<string, Labels>> {
  const recorded = programs.flatMap(rulesOf).filter((rule) => 'record' in rule);
  return Object.fromEntries(recorded.map(({ record, expr }) => [record, labelsOf(...(groupings(expr)[0] ?? []))]));
}

function seriesOfOthers(): Readonly<Record<string, Labels>> {
  return Object.fromEntries(Object.entries(metricsOfOthers).map(([name, labels]) => [name, labelsOf(...labels)]));
}
