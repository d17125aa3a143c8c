import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildComponents, chooseKubernetesVersion, GoBuildError } from '@node-termination-handler/control-plane';
import { root } from '../../program.ts';
import type { ProgramName } from '../../program.ts';
import type { Seen } from './witness.ts';

/** Where the alerts of a program stand. */
export function alertsFileOf(program: ProgramName): string {
  return path.join(root, 'apps', program, 'chart/files/alerts.yaml');
}

/** For how many minutes a situation lasts before Prometheus' eyes; the longest that an alert waits is half of it. */
const LASTS_MINUTES = 60;
/** How often it is asked what fires. */
const ASKED_EVERY_MINUTES = 5;

/** The series of a program that Prometheus gets, with their values minute by minute, in promtool's notation. */
interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/**
 * What Prometheus would get of a program if a situation lasted: five minutes as it began, then as it was in the end. A counter that has
 * risen more than once goes on rising by one a minute, for that is the longest pause between two tries. Pure.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
 */
export function seriesOf({ samples }: Pick<Seen, 'samples'>, program: ProgramName): readonly InputSeries[] {
  const target = `job="${program}",namespace="kube-system",instance="a"`;
  const labelled = (name: string): string =>
    name.includes('{') ? name.replace(/\}$/, `,${target}}`) : `${name}{${target}}`;
  const up = { series: `up{${target}}`, values: `${samples.size === 0 ? 0 : 1}x${LASTS_MINUTES}` };
  const told = [...samples].map(([name, values]) => {
    const [first = 0] = values;
    const last = values.at(-1) ?? first;
    const rises = /^\w+_(?:total|count|sum|bucket)\b/.test(name) && values.length > 2;
    return { series: labelled(name), values: `${first}x4 ${last}+${rises ? 1 : 0}x${LASTS_MINUTES}` };
  });
  return [up, ...told.filter(({ values }) => !/NaN|Inf/.test(values))];
}

/** A program whose alerts are asked for. */
export interface Asked {
  readonly program: ProgramName;
  readonly seen: Pick<Seen, 'samples'>;
}

/**
 * Has Prometheus' own engine say which alerts of a program's chart fire if what was seen lasts, by the number of who is asked for; each
 * list with the critical ones first. `undefined` where there is no Go to build promtool with.
 */
export async function firingAlerts(asked: readonly Asked[]): Promise<readonly (readonly string[])[] | undefined> {
  const promtool = await findPromtool();
  if (promtool === undefined) return undefined;
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'nth-alerts-'));
  const firing = asked.map(() => new Set<string>());
  for (const program of ['imds-agent', 'queue-processor'] as const) {
    const tests = asked.flatMap((each, index) => (each.program === program ? [testOf(each, index)] : []));
    const file = path.join(folder.path, `${program}.json`);
    await writeFile(file, JSON.stringify({ rule_files: [alertsFileOf(program)], evaluation_interval: '1m', tests }));
    const output = await outputOf(promtool, ['test', 'rules', file]);
    // A query that should find nothing is told with what it found.
    for (const [, labels = ''] of output.matchAll(/\{(__name__="ALERTS"[^}]*|[^}]*situation="\d+"[^}]*)\}/g)) {
      const name = /alertname="(\w+)"/.exec(labels)?.[1];
      if (name !== undefined) firing[Number(/situation="(\d+)"/.exec(labels)?.[1])]?.add(name);
    }
    if (/yaml|parse|no such file/i.test(output) && !output.includes('ALERTS')) throw new Error(output);
  }
  const files = { 'imds-agent': await orderIn('imds-agent'), 'queue-processor': await orderIn('queue-processor') };
  return asked.map(({ program }, index) => files[program].filter((name) => firing[index]?.has(name)));
}

/** The names of a program's alerts, the critical ones first, else in the order of their file. */
async function orderIn(program: ProgramName): Promise<readonly string[]> {
  const text = await readFile(alertsFileOf(program), 'utf8');
  const alerts = [...text.matchAll(/^\s*- alert: (\w+)$[^]*?severity: (\w+)/gm)];
  const named = (isCritical: boolean): readonly string[] =>
    alerts.filter(([, , severity]) => (severity === 'critical') === isCritical).map(([, name = '']) => name);
  return [...named(true), ...named(false)];
}

function testOf({ program, seen }: Asked, index: number) {
  const times = Array.from({ length: LASTS_MINUTES / ASKED_EVERY_MINUTES }, (_, step) => step * ASKED_EVERY_MINUTES);
  return {
    interval: '1m',
    input_series: seriesOf(seen, program),
    promql_expr_test: times.map((minute) => ({
      expr: `label_replace(ALERTS{alertstate="firing"}, "situation", "${index}", "", "")`,
      eval_time: `${minute}m`,
      exp_samples: [],
    })),
  };
}

async function findPromtool(): Promise<string | undefined> {
  try {
    return (await buildComponents(['promtool'], { version: chooseKubernetesVersion() })).promtool;
  } catch (error) {
    if (!(error instanceof GoBuildError) || !error.message.startsWith('Go is needed')) throw error;
    return undefined;
  }
}

/** What a command writes, however it ends. */
function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}
