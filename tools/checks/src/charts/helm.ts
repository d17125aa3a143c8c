import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { run } from '../command.ts';
import type { Verdict } from '../finding.ts';
import { chartFolder, chartsFolder, templateArgs } from './cases.ts';
import type { ChartCase, RenderedCharts } from './cases.ts';
import { at, manifestsOf } from './manifests.ts';

/** `helm lint` has nothing to say about any case. */
export async function lint({ tools, rendered }: RenderedCharts): Promise<Verdict> {
  const problems: string[] = [];
  for (const { program, name, valuesFile } of rendered.keys()) {
    const args = ['lint', chartFolder(program), '--strict', '--quiet', '--values', valuesFile];
    const { code, output } = await run(tools.helm, args);
    if (code !== 0) problems.push(`${program}, ${name}: ${output}`);
  }
  return { detail: `${rendered.size} cases`, problems };
}

/** Every case becomes what it became when somebody last read it. */
export async function keepsSnapshots({ rendered }: RenderedCharts): Promise<Verdict> {
  const problems: string[] = [];
  for (const [chartCase, yaml] of rendered) {
    const known = await readFile(snapshotFile(chartCase), 'utf8').catch(() => '');
    if (known === readableSnapshot(yaml)) continue;
    problems.push(`${chartCase.program}/${chartCase.name}: "chart-check --write" writes it; read the difference`);
  }
  return { detail: `${rendered.size} cases`, problems };
}

/** Writes the snapshots anew, for somebody to read the difference. */
export async function writeSnapshots({ rendered }: RenderedCharts): Promise<void> {
  for (const [chartCase, yaml] of rendered) {
    const file = snapshotFile(chartCase);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, readableSnapshot(yaml));
  }
}

function snapshotFile({ program, name }: ChartCase): string {
  return path.join(chartsFolder, 'snapshots', program, `${name}.yaml`);
}

/** The rendered chart without the two files that have checks of their own: the dashboard and the alerts. */
export function readableSnapshot(yaml: string): string {
  return yaml
    .replaceAll(/^( {2}[\w-]+\.json: \|-\n)(?: {4}.*\n|\n)+/gm, '$1    (files/dashboard.json)\n')
    .replaceAll(/^( {2}groups:\n)(?: {2}[- ].*\n|\n)+/gm, '$1    # (files/alerts.yaml)\n');
}

/** Selectors of the charts' first release: Kubernetes lets nobody change them, so that an upgrade with others fails. */
const selectors: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'imds-agent': {
    'app.kubernetes.io/name': 'imds-agent',
    'app.kubernetes.io/instance': 'nth',
    'app.kubernetes.io/component': 'linux',
  },
  'queue-processor': { 'app.kubernetes.io/name': 'queue-processor', 'app.kubernetes.io/instance': 'nth' },
};

/**
 * A release of an earlier chart can be upgraded: the fields that the API server takes no change of are as they were.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates
 */
export function keepsSelectors({ rendered }: RenderedCharts): Verdict {
  const defaults = [...rendered].filter(([{ name }]) => name === 'defaults');
  const problems = defaults.flatMap(([{ program }, yaml]) =>
    manifestsOf(yaml)
      .filter(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment')
      .filter(({ metadata, spec }) => {
        const isNamed = metadata.name === `nth-${program}`;
        return !isNamed || !isDeepStrictEqual(at(spec, 'selector', 'matchLabels'), selectors[program]);
      })
      .map(({ kind, metadata }) => `${kind} ${metadata.name}: the name or the selector has changed`),
  );
  return { detail: `${defaults.length} workloads`, problems };
}

/** Wrong values are refused, and the message names the value that the first line of the file says. */
export async function refusesWrongValues({ tools, refused }: RenderedCharts): Promise<Verdict> {
  const problems: string[] = [];
  for (const chartCase of refused) {
    const { program, name, valuesFile } = chartCase;
    const expected = /^# says: (.+)$/m.exec(await readFile(valuesFile, 'utf8'))?.[1];
    const { code, stderr } = await run(tools.helm, templateArgs(chartCase));
    if (expected === undefined) problems.push(`${valuesFile} has no line "# says: …"`);
    else if (code === 0) problems.push(`${program}, ${name}: Helm takes it`);
    else if (!stderr.includes(expected))
      problems.push(`${program}, ${name}: "${expected}" is not in: ${stderr.trim()}`);
  }
  return { detail: `${refused.length} cases`, problems };
}
