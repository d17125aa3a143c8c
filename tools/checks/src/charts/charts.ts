import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding, Verdict } from '../finding.ts';
import { movableActions } from '../images/pins.ts';
import { root } from '../workspace.ts';
import { alertsAreRules, alertsFire, alertsHaveRunbooks } from './alerts.ts';
import { findTools, renderCharts } from './cases.ts';
import type { RenderedCharts } from './cases.ts';
import { definitionsAreFresh, definitionsFile, definitionsText } from './definitions.ts';
import { programAccepts } from './environment.ts';
import { generatedAreFresh, writeGenerated } from './generated-files.ts';
import { majorsAgree, worksAsDependency } from './helm-majors.ts';
import { keepsSelectors, keepsSnapshots, lint, refusesWrongValues, writeSnapshots } from './helm.ts';
import { migratedRender } from './migrated.ts';
import { dashboardsParse, metricsExist } from './observability.ts';
import { statusIsFenced } from './rights.ts';
import { conforms } from './schemas.ts';

/** One thing about the charts that has to be so. */
type ChartCheck = { readonly about: string } & (
  | { readonly needsGo: false; look(): Promise<Verdict> }
  | { readonly needsGo: true; look(charts: RenderedCharts): Verdict | Promise<Verdict> }
);

/** Every check of the charts, the quick ones first. */
export const chartChecks: readonly ChartCheck[] = [
  { about: 'generated files are fresh', needsGo: false, look: generatedAreFresh },
  { about: 'alerts and dashboards ask for metrics that exist', needsGo: false, look: metricsExist },
  { about: 'every alert has its runbook, with log lines that exist', needsGo: false, look: alertsHaveRunbooks },
  { about: 'values are judged by the definitions of Kubernetes', needsGo: true, look: definitionsAreFresh },
  { about: 'helm lint', needsGo: true, look: lint },
  { about: 'helm template: snapshots', needsGo: true, look: keepsSnapshots },
  { about: 'wrong values are refused by name', needsGo: true, look: refusesWrongValues },
  { about: 'Helm 3 and 4 agree', needsGo: true, look: majorsAgree },
  { about: 'helm package, and as dependencies', needsGo: true, look: worksAsDependency },
  { about: 'what the files of the Go handler become renders', needsGo: true, look: migratedRender },
  { about: 'what an upgrade cannot change is as it was', needsGo: true, look: keepsSelectors },
  { about: 'the program takes the rendered environment', needsGo: true, look: programAccepts },
  { about: 'the right to pods/status has its fence', needsGo: true, look: statusIsFenced },
  { about: 'kubeconform', needsGo: true, look: conforms },
  { about: 'promtool check rules', needsGo: true, look: alertsAreRules },
  { about: 'promtool test rules', needsGo: true, look: alertsFire },
  { about: 'dashboards: PromQL', needsGo: true, look: dashboardsParse },
  { about: 'actionlint', needsGo: true, look: workflowsAreSound },
];

/**
 * Checks the Helm charts of both programs: what is generated, what Helm makes of them, alerts and dashboards, and the workflows. The
 * programs that judge (helm, kubeconform, promtool, actionlint) are built with Go once.
 *
 * @param isWriting first makes generated files and snapshots anew.
 */
export async function* checkCharts(isWriting: boolean): AsyncGenerator<Finding> {
  const tools = await findTools((line) => console.error(line));
  if (isWriting && tools !== undefined) await writeFile(definitionsFile, await definitionsText());
  if (isWriting) await writeGenerated();
  const charts = tools === undefined ? undefined : await renderCharts(tools);
  if (isWriting && charts !== undefined) await writeSnapshots(charts);
  yield* lookAtCharts(charts);
}

/** Looks at everything; without Go, at what needs none. */
export async function* lookAtCharts(charts: RenderedCharts | undefined): AsyncGenerator<Finding> {
  for (const check of chartChecks) {
    if (!check.needsGo) yield await examine(check.about, () => check.look());
    else if (charts !== undefined) yield await examine(check.about, () => check.look(charts));
    else yield { about: check.about, skipped: 'needs Go, to build the program that judges' };
  }
}

/** The workflows are ones that GitHub would run as they are meant, with actions that nobody can exchange. */
async function workflowsAreSound({ tools }: RenderedCharts): Promise<Verdict> {
  const folder = path.join(root, '.github', 'workflows');
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file));
  await mustRun(tools.actionlint, ['-no-color', ...files.map((file) => path.join(folder, file))], { cwd: root });
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const problems = texts.flatMap((text, index) =>
    movableActions(text).map((action) => `${files[index] ?? ''}: ${action} is named by no commit`),
  );
  return problems.length > 0 ? { problems } : { detail: `${files.length} workflows` };
}
