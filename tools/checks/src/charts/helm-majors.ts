import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { mustRun, run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { programs } from '../workspace.ts';
import { chartFolder, templateArgs } from './cases.ts';
import type { RenderedCharts } from './cases.ts';
import { manifestsOf } from './manifests.ts';

/** Helm 3 makes of every case what Helm 4 makes of it, and refuses what Helm 4 refuses. */
export async function majorsAgree({ tools, rendered, refused }: RenderedCharts): Promise<Verdict> {
  const problems: string[] = [];
  for (const [chartCase, yaml] of rendered) {
    const { code, output } = await run(tools['helm-3'], templateArgs(chartCase));
    // The two differ in empty lines and in the order of kinds.
    if (code !== 0 || inOrder(output) !== inOrder(yaml)) {
      problems.push(`${chartCase.program}, ${chartCase.name}: Helm 3 ${code === 0 ? 'makes something else' : output}`);
    }
  }
  for (const chartCase of refused) {
    const { code } = await run(tools['helm-3'], templateArgs(chartCase));
    if (code === 0) problems.push(`${chartCase.program}, ${chartCase.name}: Helm 3 takes it`);
  }
  return { detail: `${rendered.size + refused.length} cases`, problems };
}

function inOrder(yaml: string): string {
  return manifestsOf(yaml)
    .map((manifest) => JSON.stringify(manifest))
    .sort()
    .join('\n');
}

const queueURL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/nth';

/** What the values of a chart that has both for dependencies may say, and the programs that it then installs. */
const umbrellas: readonly { readonly values: unknown; readonly installs: readonly string[] }[] = [
  {
    values: { 'queue-processor': { enabled: true, queueURL }, 'imds-agent': { enabled: false }, global: { team: 'a' } },
    installs: ['queue-processor'],
  },
  {
    values: { 'queue-processor': { enabled: false }, 'imds-agent': { enabled: true, taintNode: true } },
    installs: ['imds-agent'],
  },
  { values: { tags: { nodes: true }, 'queue-processor': { queueURL } }, installs: ['imds-agent', 'queue-processor'] },
];

/**
 * Each chart is packaged by itself, and works for a chart that has it for a dependency, with `condition` and `tags`.
 *
 * @see https://helm.sh/docs/chart_best_practices/dependencies/
 */
export async function worksAsDependency({ tools }: RenderedCharts): Promise<Verdict> {
  const problems: string[] = [];
  const folder = await mkdtemp(path.join(tmpdir(), 'umbrella-'));
  try {
    await writeUmbrella(folder);
    for (const [name, helm] of Object.entries({ 'Helm 4': tools.helm, 'Helm 3': tools['helm-3'] })) {
      for (const program of programs) {
        await mustRun(helm, ['package', chartFolder(program), '--destination', path.join(folder, 'charts')]);
      }
      for (const [index, { values, installs }] of umbrellas.entries()) {
        const valuesFile = path.join(folder, `values-${index}.yaml`);
        await writeFile(valuesFile, stringify(values));
        const { code, output } = await run(helm, ['template', 'nth', folder, '--values', valuesFile]);
        const found = code === 0 ? workloadsOf(output) : [output];
        if (found.join() !== installs.join()) problems.push(`${name}, ${JSON.stringify(values)}: ${found.join(', ')}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { detail: `${umbrellas.length * 2} cases`, problems };
}

async function writeUmbrella(folder: string): Promise<void> {
  const dependencies = programs.map((name) => ({
    name,
    version: '*',
    condition: `${name}.enabled`,
    tags: ['nodes'],
  }));
  const chart = { apiVersion: 'v2', name: 'umbrella', version: '1.0.0', dependencies };
  await mkdir(path.join(folder, 'charts'));
  await writeFile(path.join(folder, 'Chart.yaml'), stringify(chart));
}

function workloadsOf(yaml: string): readonly string[] {
  return manifestsOf(yaml)
    .filter(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment')
    .map(({ metadata }) => metadata.name.replace(/^nth-/, ''))
    .sort();
}
