import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Program } from '@node-termination-handler/settings';
import { parse, stringify } from 'yaml';
import { explainedIn } from '../docs/log-page.ts';
import type { Verdict } from '../finding.ts';
import { programs, root } from '../workspace.ts';
import { nameOf, rulesOf } from './alert-rules.ts';
import type { Rule, RuleGroups } from './alert-rules.ts';
import { chartFolder, chartsFolder } from './cases.ts';
import type { RenderedCharts } from './cases.ts';
import { at, manifestsOf } from './manifests.ts';
import { promtool } from './observability.ts';

/** The rules are ones that Prometheus would load: as the files have them, and as each release gets them. */
export async function alertsAreRules({ tools, rendered }: RenderedCharts): Promise<Verdict> {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'rules-'));
  const files = programs.map((program) => path.join(chartFolder(program), 'files', 'alerts.yaml'));
  const problems: string[] = [];
  for (const [{ program, name, valuesFile }, yaml] of rendered) {
    const spec = manifestsOf(yaml).find(({ kind }) => kind === 'PrometheusRule')?.spec;
    if (spec === undefined) continue;
    const file = path.join(folder.path, `${program}-${name}.yaml`);
    await writeFile(file, stringify(spec));
    files.push(file);
    const values = parse(await readFile(valuesFile, 'utf8')) as unknown;
    problems.push(...ofTheRelease(program, spec, values).map((problem) => `${program}, ${name}: ${problem}`));
  }
  problems.push(...(await promtool(tools.promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...files])));
  return { detail: `${files.length} files`, problems };
}

/** What is wrong with the rules of a release: they look at others' series, or have not the labels of its values. */
function ofTheRelease(program: Program, spec: unknown, values: unknown): readonly string[] {
  const rules = (spec as RuleGroups).groups.flatMap((group) => group.rules);
  const severities = (at(values, 'prometheusRule', 'severities') ?? {}) as Readonly<Record<string, string>>;
  const labels = at(values, 'prometheusRule', 'additionalRuleLabels') ?? {};
  return rulesOf(program).flatMap((source, index) => {
    const rule = rules.at(index);
    const expr = source.expr
      .replaceAll('"(.+-)?imds-agent(-windows)?"', '"nth-imds-agent|nth-imds-agent-windows"')
      .replaceAll(/((?:job|daemonset)=)/g, 'namespace="kube-system",$1');
    if (rule?.expr !== expr) return [`${nameOf(source)} looks at other series: ${rule?.expr}`];
    if (!('alert' in source)) return [];
    const severity = severities[source.alert] ?? severities[source.labels.severity] ?? source.labels.severity;
    const isLabelled = 'alert' in rule && isDeepStrictEqual(rule.labels, { ...labels, severity });
    return isLabelled ? [] : [`${source.alert} has other labels than its values say`];
  });
}

/** A file of tests, as far as it is looked into. */
interface AlertTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
    }[];
    readonly promql_expr_test?: readonly { readonly exp_samples?: readonly { readonly labels: string }[] }[];
  }[];
}

/** Each alert fires when it should, and not when it should not; each recorded series is what it should be. */
export async function alertsFire({ tools }: RenderedCharts): Promise<Verdict> {
  const folder = path.join(chartsFolder, 'alert-tests');
  const files = (await readdir(folder)).map((name) => path.join(folder, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const tests = texts.flatMap((text) => (parse(text) as AlertTests).tests);
  const rules = programs.flatMap(rulesOf);
  const runs = files.map((file) => promtool(tools.promtool, ['test', 'rules', file]));
  return {
    detail: `${rules.length} rules, ${tests.length} stories`,
    problems: [...(await Promise.all(runs)).flat(), ...untested(rules, tests)],
  };
}

function untested(rules: readonly Rule[], tests: AlertTests['tests']): ReadonlySet<string> {
  const looks = tests.flatMap(({ alert_rule_test: each = [] }) => each);
  const samples = tests.flatMap(({ promql_expr_test: each = [] }) =>
    each.flatMap(({ exp_samples: some = [] }) => some),
  );
  const problems = rules.flatMap((rule) => {
    if ('record' in rule) {
      return samples.some(({ labels }) => labels.startsWith(`${rule.record}{`)) ? [] : [`no test of ${rule.record}`];
    }
    const { severity } = rule.labels;
    const isOn = looks
      .filter(({ alertname }) => alertname === rule.alert)
      .map(({ exp_alerts: alerts = [] }) => alerts.some(({ exp_labels: labels }) => labels.severity === severity));
    return [true, false]
      .filter((wanted) => !isOn.includes(wanted))
      .map((wanted) => `no test in which ${rule.alert} (${severity}) is ${wanted ? 'on' : 'off'}`);
  });
  return new Set(problems);
}

/** Each alert as the runbook lists it: its name, its severities, and whose it is. */
function summaries(): ReadonlySet<string> {
  const rules = programs.flatMap((program) => rulesOf(program).map((rule) => ({ program, rule })));
  const severities = new Map<string, Set<string>>();
  const owners = new Map<string, Set<string>>();
  for (const { program, rule } of rules) {
    if (!('alert' in rule)) continue;
    severities.set(rule.alert, (severities.get(rule.alert) ?? new Set()).add(rule.labels.severity));
    owners.set(rule.alert, (owners.get(rule.alert) ?? new Set()).add(program === 'imds-agent' ? 'A' : 'Q'));
  }
  return new Set(
    [...severities].map(
      ([alert, of]) => `${alert}: ${[...of].join(', ')}: ${[...(owners.get(alert) ?? [])].join(', ')}`,
    ),
  );
}

/** The runbook has a row and a section for each alert and no other, and the log lines that it leads to are there. */
export async function alertsHaveRunbooks(): Promise<Verdict> {
  const [runbook = '', logs = ''] = await Promise.all(
    ['alerts.md', 'logs.md'].map((page) => readFile(path.join(root, 'docs', page), 'utf8')),
  );
  const sections = new Set([...runbook.matchAll(/^## (NodeTermination\w+)$/gm)].map(([, heading = '']) => heading));
  const alerts = new Set(programs.flatMap(rulesOf).flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
  const listed = [...runbook.matchAll(/^\| \[(NodeTermination\w+)\]\(#\w+\) \| (.+) \| (.+) \|$/gm)].map((row) =>
    row.slice(1).join(': '),
  );
  const links = [...runbook.matchAll(/\[`([^`]+)`\]\(logs\.md#(\w+)\)/g)];
  const linesAt = (level: string) =>
    explainedIn(logs.split(/^(?=## )/m).find((part) => part.startsWith(`## ${level}\n`)) ?? '');
  return {
    detail: `${alerts.size} alerts, ${links.length} log lines`,
    problems: [
      ...[...alerts.difference(sections)].map((name) => `docs/alerts.md has no section "## ${name}"`),
      ...[...sections.difference(alerts)].map((name) => `docs/alerts.md has a section of ${name}, which is no alert`),
      ...[...summaries()].filter((row) => !listed.includes(row)).map((row) => `docs/alerts.md does not list ${row}`),
      ...links
        .filter(([, line = '', level = '']) => !linesAt(level).some(({ text }) => text === line))
        .map(([, line = '', level = '']) => `docs/alerts.md leads to "${line}", which docs/logs.md#${level} has not`),
    ],
  };
}
