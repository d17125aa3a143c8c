import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { chartsFolder, programs, workspaceFolder } from '../program/program.ts';
import { alertsFile, alertsOf, dashboardExpressions } from '../rules/expressions.ts';
import { exposedSeries, seriesIn } from '../rules/metric-names.ts';
import { run } from '../tool/run.ts';
import type { Check } from './check.ts';
import { CheckFailure } from './check.ts';

/** The alerts are rules that Prometheus would load. */
export const alertsAreRules: Check = {
  name: 'promtool check rules',
  needsGo: true,
  async run({ tools }) {
    await promtool(tools.promtool, ['check', 'rules', '--lint=all', '--lint-fatal', ...programs.map(alertsFile)]);
    return `${(await Promise.all(programs.map(alertsOf))).flat().length} alerts`;
  },
};

/** Each alert fires when it should, and not when it should not. */
export const alertsFire: Check = {
  name: 'promtool test rules',
  needsGo: true,
  async run({ tools }) {
    const file = join(chartsFolder, 'alert-tests', 'alerts.test.yaml');
    await promtool(tools.promtool, ['test', 'rules', file]);
    const tests = await readFile(file, 'utf8');
    const alerts = await alertsOf('queue-processor');
    const untested = alerts.filter(({ name }) => !tests.includes(`alertname: ${name}\n`)).map(({ name }) => name);
    if (untested.length > 0) throw new CheckFailure(`no test for ${untested.join(', ')}`);
    return `${alerts.length} alerts`;
  },
};

/** Prometheus understands every query of the dashboards. */
export const dashboardsParse: Check = {
  name: 'dashboards: PromQL',
  needsGo: true,
  async run({ tools }) {
    const rules = programs
      .flatMap(dashboardExpressions)
      .map(({ expr }, index) => ({ record: `dashboard:query:${index}`, expr }));
    const folder = await mkdtemp(join(tmpdir(), 'dashboard-'));
    try {
      const file = join(folder, 'queries.yaml');
      await writeFile(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
      await promtool(tools.promtool, ['check', 'rules', '--lint=none', file]);
    } finally {
      await rm(folder, { recursive: true });
    }
    return `${rules.length} queries`;
  },
};

/** Every metric that an alert or a panel asks for is one that the programs have. */
export const metricsExist: Check = {
  name: 'alerts and dashboards ask for metrics that exist',
  needsGo: false,
  async run() {
    const exposed = await exposedSeries();
    const alerts = (await Promise.all(programs.map(alertsOf))).flat();
    const all = [...alerts, ...programs.flatMap(dashboardExpressions)];
    for (const { where, expr } of all) {
      const names = seriesIn(expr);
      const unknown = names.filter((name) => !exposed.has(name));
      if (names.length === 0) throw new CheckFailure(`${where} asks for nothing: ${expr}`);
      if (unknown.length > 0) throw new CheckFailure(`${where} asks for ${unknown.join(', ')}, which no program has`);
    }
    return `${all.length} queries`;
  },
};

/** The runbook has a section for each alert, under the address that the alert gives. */
export const alertsHaveRunbooks: Check = {
  name: 'every alert has its runbook',
  needsGo: false,
  async run() {
    const runbook = await readFile(join(workspaceFolder, 'docs', 'alerts.md'), 'utf8');
    const anchors = new Set([...runbook.matchAll(/^## (\w+)$/gm)].map(([, heading = '']) => heading.toLowerCase()));
    const alerts = (await Promise.all(programs.map(alertsOf))).flat();
    for (const { name, runbookUrl } of alerts) {
      const anchor = runbookUrl.split('#')[1] ?? '';
      if (anchor !== name.toLowerCase() || !anchors.has(anchor)) {
        throw new CheckFailure(
          `docs/alerts.md has no section "## ${name}", or the alert points elsewhere: ${runbookUrl}`,
        );
      }
    }
    return `${alerts.length} alerts`;
  },
};

async function promtool(binary: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(binary, args);
  if (code !== 0) throw new CheckFailure(`${stdout}${stderr}`.trim());
}
