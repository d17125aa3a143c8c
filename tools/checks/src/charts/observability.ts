import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMetrics } from '@node-termination-handler/metrics';
import type { Program } from '@node-termination-handler/settings';
import { parse, stringify } from 'yaml';
import { run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { programs, root } from '../workspace.ts';
import { chartFolder, chartsFolder } from './cases.ts';
import type { RenderedCharts } from './cases.ts';
import { panelsOf } from './dashboard.ts';
import { at } from './manifests.ts';

/** A query in PromQL, and where it stands. */
interface Expression {
  readonly where: string;
  readonly expr: string;
}

/** An alert in a chart's rules. */
interface Alert extends Expression {
  readonly name: string;
  readonly runbookUrl: string;
}

/** The alerts are rules that Prometheus would load. */
export async function alertsAreRules({ tools }: RenderedCharts): Promise<Verdict> {
  const files = programs.map(alertsFile);
  const problems = await promtool(tools.promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...files]);
  return { detail: `${(await allAlerts()).length} alerts`, problems };
}

/** Each alert fires when it should, and not when it should not. */
export async function alertsFire({ tools }: RenderedCharts): Promise<Verdict> {
  const file = path.join(chartsFolder, 'alert-tests', 'alerts.test.yaml');
  const tests = await readFile(file, 'utf8');
  const alerts = await alertsOf('queue-processor');
  const untested = alerts.filter(({ name }) => !tests.includes(`alertname: ${name}\n`));
  const problems = await promtool(tools.promtool, ['test', 'rules', file]);
  return {
    detail: `${alerts.length} alerts`,
    problems: [...problems, ...untested.map(({ name }) => `no test for ${name}`)],
  };
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

/** Every metric that an alert or a panel asks for is one that the programs have. */
export async function metricsExist(): Promise<Verdict> {
  const exposed = await exposedSeries();
  const all = [...(await allAlerts()), ...programs.flatMap(dashboardExpressions)];
  const problems = all.flatMap(({ where, expr }) => {
    const names = seriesIn(expr);
    if (names.length === 0) return [`${where} asks for nothing: ${expr}`];
    const unknown = names.filter((name) => !exposed.has(name));
    return unknown.map((name) => `${where} asks for ${name}, which no program has`);
  });
  return { detail: `${all.length} queries`, problems };
}

/** The runbook has a section for each alert, under the address that the alert gives. */
export async function alertsHaveRunbooks(): Promise<Verdict> {
  const runbook = await readFile(path.join(root, 'docs', 'alerts.md'), 'utf8');
  const sections = new Set([...runbook.matchAll(/^## (\w+)$/gm)].map(([, heading = '']) => heading));
  const alerts = await allAlerts();
  const problems = alerts
    .filter(({ name, runbookUrl }) => !sections.has(name) || !runbookUrl.endsWith(`#${name.toLowerCase()}`))
    .map(({ name, runbookUrl }) => `docs/alerts.md has no section "## ${name}", or the alert points to ${runbookUrl}`);
  return { detail: `${alerts.length} alerts`, problems };
}

/** What promtool has to say against its arguments. */
async function promtool(binary: string, args: readonly string[]): Promise<readonly string[]> {
  const { code, output } = await run(binary, args);
  return code === 0 ? [] : [output];
}

function alertsFile(program: Program): string {
  return path.join(chartFolder(program), 'files', 'alerts.yaml');
}

async function allAlerts(): Promise<readonly Alert[]> {
  return (await Promise.all(programs.map(alertsOf))).flat();
}

async function alertsOf(program: Program): Promise<readonly Alert[]> {
  const rules: unknown = at(parse(await readFile(alertsFile(program), 'utf8')), 'groups', 0, 'rules');
  return (Array.isArray(rules) ? rules : []).map((rule: unknown) => ({
    name: String(at(rule, 'alert')),
    where: `alert ${String(at(rule, 'alert'))}`,
    expr: String(at(rule, 'expr')),
    runbookUrl: String(at(rule, 'annotations', 'runbook_url')),
  }));
}

/** The queries of a chart's dashboard, with Grafana's variables replaced by what Grafana would put there. */
function dashboardExpressions(program: Program): readonly Expression[] {
  return panelsOf(program).flatMap(({ title, queries }) =>
    queries.map(({ expr }) => ({
      where: `panel "${title}"`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.+'),
    })),
  );
}

/** The names of the series that the programs expose: of a histogram its buckets, sum and count. */
export async function exposedSeries(): Promise<ReadonlySet<string>> {
  using metrics = createMetrics();
  const { body } = await metrics.scrape();
  const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
    ),
  );
}

/** The names of series in a query: what stands before a selector, is no function, label or keyword. */
export function seriesIn(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '{}')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, '');
  const words = [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)];
  return words
    .filter(({ 0: word, index }) => !/^\s*\(/.test(bare.slice(index + word.length)) && !keywords.has(word))
    .map(({ 0: word }) => word);
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
