import { loadImdsAgentSettings, loadQueueProcessorSettings } from '@node-termination-handler/settings';
import type { Program } from '@node-termination-handler/settings';
import type { Verdict } from '../finding.ts';
import type { RenderedCharts } from './cases.ts';
import { at, isRecord, manifestsOf } from './manifests.ts';
import type { Manifest } from './manifests.ts';

/** What the cluster would fill in, and what stands in secrets. */
const stand: Readonly<Record<string, string>> = {
  'spec.nodeName': 'ip-10-0-0-1.ec2.internal',
  'metadata.name': 'nth-abcde',
  'metadata.namespace': 'kube-system',
  webhookurl: 'https://hooks.example.com/a',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** How a pod of a workload starts its program. */
export interface ProgramStart {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The program starts with the arguments and variables that the chart gives it, and has nothing to warn of. */
export function programAccepts({ rendered }: RenderedCharts): Verdict {
  const starts = [...rendered].flatMap(([{ program, name }, yaml]) =>
    programStarts(manifestsOf(yaml)).map((start) => ({ program, name, start })),
  );
  const problems = starts.flatMap(({ program, name, start }) =>
    complaints(program, start).map((complaint) => `${program}, ${name}: ${complaint}`),
  );
  return { detail: `${starts.length} containers`, problems };
}

function complaints(program: Program, { args, env }: ProgramStart): readonly string[] {
  const load = program === 'imds-agent' ? loadImdsAgentSettings : loadQueueProcessorSettings;
  const parsed = load({ argv: args, env });
  if (!parsed.ok) return [parsed.message];
  return 'warnings' in parsed ? parsed.warnings : [`it would ${parsed.mode}`];
}

/** How the pods of each DaemonSet, Deployment and test in a rendered chart start the program. */
export function programStarts(manifests: readonly Manifest[]): readonly ProgramStart[] {
  return manifests.flatMap((manifest) => {
    const container =
      at(manifest, 'spec', 'template', 'spec', 'containers', 0) ?? at(manifest, 'spec', 'containers', 0);
    return container === undefined ? [] : [startOf(container)];
  });
}

function startOf(container: unknown): ProgramStart {
  const args = at(container, 'args');
  const env = at(container, 'env');
  return {
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(Array.isArray(env) ? env.flatMap(variable) : []),
  };
}

function variable(entry: unknown): readonly [string, string][] {
  if (!isRecord(entry)) return [];
  const from = at(entry, 'valueFrom', 'fieldRef', 'fieldPath') ?? at(entry, 'valueFrom', 'secretKeyRef', 'key');
  const value = typeof entry.value === 'string' ? entry.value : stand[String(from)];
  return [[String(entry.name), value ?? '']];
}
