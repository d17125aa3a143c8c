import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Program } from '@node-termination-handler/settings';
import { parse } from 'yaml';
import { chartsFolder } from './cases.ts';

/** A counter that rules look at, with the labels that are left of it. */
interface Counter {
  readonly counter: string;
  readonly where?: string;
  readonly by?: readonly string[];
}

/** What is promised of a counter, and its alert. */
interface Objective {
  readonly name: string;
  readonly counter: string;
  /** The outcome that keeps the promise. */
  readonly good: string;
  /** Which drains have to be more than a few for an alert that is critical. */
  readonly fewDrains: 'all' | 'bad';
  readonly alert: string;
  readonly summary: string;
  readonly description: string;
}

/** An alert as its source has it. */
interface AlertSource {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly summary: string;
  readonly description: string;
}

/** A rule as Prometheus reads it: what it records, or an alert. */
export type Rule = { readonly expr: string } & (
  | { readonly record: string }
  | {
      readonly alert: string;
      readonly for?: string;
      readonly labels: { readonly severity: string };
      readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
    }
);

/** The rules of a program, as a file for Prometheus. */
export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }[];
}

type OfPrograms<Each> = Readonly<Record<'shared', readonly Each[]>> & Partial<Record<Program, readonly Each[]>>;

const source = parse(readFileSync(path.join(chartsFolder, 'alerts.yaml'), 'utf8')) as {
  readonly counters: OfPrograms<Counter>;
  readonly objectives: readonly Objective[];
  readonly others: Readonly<Record<string, readonly string[]>>;
  readonly alerts: OfPrograms<AlertSource>;
};

/** Metrics of others that the rules look at, each with the labels that they use. */
export const metricsOfOthers = source.others;

/** How much of a month's budget is burnt in which two windows, and how bad that is: 2 % in 1 h, 5 % in 6 h, 10 % in 1 d and in 3 d. */
const burns = [
  { severity: 'critical', long: '1h', short: '5m', rate: 14.4 },
  { severity: 'critical', long: '6h', short: '30m', rate: 6 },
  { severity: 'warning', long: '1d', short: '2h', rate: 3 },
  { severity: 'warning', long: '3d', short: '6h', rate: 1 },
] as const;
type Burn = (typeof burns)[number];

const budget = 0.01;
const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];
const perJob = 'sum by (cluster, namespace, job)';

/** The rules of a program. */
export function alertRules(program: Program): RuleGroups {
  const of = <Each>(all: OfPrograms<Each>): readonly Each[] => [...all.shared, ...(all[program] ?? [])];
  const recorded = [
    { record: 'job:nth_build_info:count', expr: 'count by (cluster, namespace, job) (nth_build_info{$job})' },
    ...of(source.counters).map(increase),
    ...source.objectives.flatMap(ratios),
  ];
  const alerts = [...of(source.alerts), ...source.objectives.flatMap(budgetAlerts)].map(
    ({ alert, expr, for: duration, severity, summary, description }) => ({
      alert,
      expr,
      ...(duration !== undefined && { for: duration }),
      labels: { severity },
      annotations: { summary, description, runbook_url: `${runbook}#${alert.toLowerCase()}` },
    }),
  );
  const name = `node-termination-handler-${program}`;
  const written = (rules: readonly Rule[]) =>
    rules.map((rule) => ({
      ...rule,
      expr: rule.expr
        .replaceAll('$job', `job="${program}"`)
        .replaceAll('$daemonset', 'daemonset=~"(.+-)?imds-agent(-windows)?"'),
    }));
  return {
    groups: [
      { name: `${name}.rules`, interval: '1m', rules: written(recorded) },
      { name, rules: written(alerts) },
    ],
  };
}

/** The rules of a program, in their order. */
export function rulesOf(program: Program): readonly Rule[] {
  return alertRules(program).groups.flatMap(({ rules }) => rules);
}

/** The name of an alert, or of what a rule records. */
export function nameOf(rule: Rule): string {
  return 'alert' in rule ? rule.alert : rule.record;
}

const runbook = 'https://github.com/node-termination-handler/node-termination-handler/blob/main/docs/alerts.md';

/**
 * What a counter grew by in five minutes. A series without a sample five minutes ago, of a process that is no older than ten, began at
 * zero: `rate()` would take its first sample for that.
 */
function increase({ counter, where, by = [] }: Counter) {
  const series = `${counter}{$job${where === undefined ? '' : `,${where}`}}`;
  const expr = [
    `sum by (${['cluster', 'namespace', 'job', ...by].join(', ')}) (`,
    `  (`,
    `    last_over_time(${series}[5m]) unless ${series} offset 5m`,
    `    and on (cluster, namespace, job, instance) (time() - last_over_time(process_start_time_seconds{$job}[5m]) < 600)`,
    `  )`,
    `  or increase(${series}[5m])`,
    `)`,
  ].join('\n');
  return { record: `job:${counter}:increase5m`, expr };
}

/** The share that is not good, in every window. */
function ratios({ name, counter, good }: Objective) {
  return windows.map((window) => {
    const sum = (where: string) => `${perJob} (avg_over_time(job:${counter}:increase5m{$job${where}}[${window}]))`;
    return { record: `job:${name}:ratio${window}`, expr: `${sum(`,outcome!="${good}"`)}\n/\n${sum('')}` };
  });
}

/** The critical alert of an objective and its warning. */
function budgetAlerts(objective: Objective): readonly AlertSource[] {
  const { alert, summary, description } = objective;
  return (['critical', 'warning'] as const).map((severity) => ({
    alert,
    expr: burns
      .filter((burn) => burn.severity === severity)
      .map((burn) => burnt(objective, burn))
      .join('\nor\n'),
    severity,
    summary,
    description,
  }));
}

function burnt({ name, fewDrains }: Objective, { severity, long, short, rate }: Burn): string {
  const threshold = Number((budget * rate).toPrecision(3));
  const lines = [long, short].map((window) => `job:${name}:ratio${window}{$job} > ${threshold}`);
  if (severity === 'critical') {
    const [where, few] = fewDrains === 'bad' ? [',outcome!="drained"', 2] : ['', Math.ceil(1 / threshold)];
    const drains = `sum_over_time(job:nth_drains_total:increase5m{$job${where}}[${long}:1m])`;
    // Each stands in five of the minutes. Increases are extrapolated, so that two may be 1.8.
    lines.push(`${perJob} (${drains}) / 5 > ${few - 0.5}`);
  }
  return lines.join('\nand ');
}
