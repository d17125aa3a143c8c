import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { buildComponents, chooseKubernetesVersion, GoBuildError } from '@node-termination-handler/control-plane';
import type { Binaries } from '@node-termination-handler/control-plane';
import type { Program } from '@node-termination-handler/settings';
import { mustRun } from '../command.ts';
import { appFolder, programs, root } from '../workspace.ts';

/** What the charts are checked with: shared templates, cases, snapshots, tests of the alerts. */
export const chartsFolder = path.join(root, 'tools/checks/charts');

/** The folder of a program's chart. */
export function chartFolder(program: Program): string {
  return path.join(appFolder(program), 'chart');
}

/** A values file that the charts are tried with. */
export interface ChartCase {
  readonly program: Program;
  readonly name: string;
  readonly valuesFile: string;
  /** Whether the API server has admission policies: a line of the file may say that it has none. */
  readonly hasPolicies: boolean;
}

/** The programs that judge the charts. */
type Tools = Binaries<'helm' | 'helm-3' | 'kubeconform' | 'promtool' | 'actionlint'>;

/** What the judges look at. */
export interface RenderedCharts {
  readonly tools: Tools;
  /** What Helm makes of each case, as YAML; a chart is rendered once, however many checks look at it. */
  readonly rendered: ReadonlyMap<ChartCase, string>;
  /** Cases that the charts must refuse. */
  readonly refused: readonly ChartCase[];
}

/** Renders every case. */
export async function renderCharts(tools: Tools): Promise<RenderedCharts> {
  const rendered = new Map<ChartCase, string>();
  for (const chartCase of await casesIn('cases')) {
    rendered.set(chartCase, await mustRun(tools.helm, templateArgs(chartCase)));
  }
  return { tools, rendered, refused: await casesIn('refused') };
}

/** Builds the judges with Go, or finds them built; undefined where there is no Go to build them with. */
export async function findTools(onProgress: (line: string) => void): Promise<Tools | undefined> {
  try {
    return await buildComponents(['helm', 'helm-3', 'kubeconform', 'promtool', 'actionlint'], {
      version: chooseKubernetesVersion(),
      onProgress,
    });
  } catch (error) {
    if (!(error instanceof GoBuildError) || !error.message.startsWith('Go is needed')) throw error;
    return undefined;
  }
}

async function casesIn(folder: 'cases' | 'refused'): Promise<readonly ChartCase[]> {
  const cases: ChartCase[] = [];
  for (const program of programs) {
    const inside = path.join(chartsFolder, folder, program);
    for (const file of (await readdir(inside)).sort()) {
      const valuesFile = path.join(inside, file);
      const hasPolicies = !/^# without admission policies$/m.test(await readFile(valuesFile, 'utf8'));
      cases.push({ program, name: path.basename(file, '.yaml'), valuesFile, hasPolicies });
    }
  }
  return cases;
}

/** What a cluster says of itself that the charts ask for, beside its version. */
const admissionPolicies = 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';

/** Helm's arguments to make YAML of a chart with a values file. */
export function templateArgs({ program, valuesFile, hasPolicies }: ChartCase): readonly string[] {
  // Helm 3 takes an old version for that of the cluster where it can ask none.
  const version = ['--kube-version', chooseKubernetesVersion().minor];
  const policies = hasPolicies ? ['--api-versions', admissionPolicies] : [];
  const args = ['--namespace', 'kube-system', ...version, ...policies, '--values', valuesFile];
  return ['template', 'nth', chartFolder(program), ...args];
}
