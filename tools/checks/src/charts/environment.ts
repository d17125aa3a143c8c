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

/** Lists of a pod whose entries Kubernetes knows by a key: server-side apply, as Helm 4 does it, refuses doubles. */
const keyedLists = { env: 'name', ports: 'containerPort', volumeMounts: 'mountPath' } as const;

/** The program starts with the arguments and variables that the chart gives it, and has nothing to warn of. */
export function programAccepts({ rendered }: RenderedCharts): Verdict {
  const starts = [...rendered].flatMap(([{ program, name }, yaml]) =>
    programStarts(manifestsOf(yaml)).map((start) => ({ program, name, start })),
  );
  const problems = starts.flatMap(({ program, name, start }) =>
    complaints(program, start).map((complaint) => `${program}, ${name}: ${complaint}`),
  );
  return { detail: `${starts.length} containers`, problems: [...problems, ...doubles(rendered)] };
}

function doubles(rendered: RenderedCharts['rendered']): readonly string[] {
  return [...rendered].flatMap(([{ program, name }, yaml]) =>
    podsOf(manifestsOf(yaml)).flatMap((pod) => doublesOf(pod).map((double) => `${program}, ${name}: ${double} twice`)),
  );
}

/** What stands twice in the lists of a pod, such as `env LOG_LEVEL`. */
export function doublesOf(pod: unknown): readonly string[] {
  const container = at(pod, 'containers', 0);
  const lists = Object.entries(keyedLists).map(([list, key]) => keysOf(list, at(container, list), key));
  const all = [
    ...lists,
    keysOf('volumes', at(pod, 'volumes'), 'name'),
    keysOf('imagePullSecrets', at(pod, 'imagePullSecrets'), 'name'),
  ].flat();
  return all.filter((key, index) => all.indexOf(key) !== index);
}

function keysOf(list: string, entries: unknown, key: string): readonly string[] {
  return Array.isArray(entries) ? entries.map((entry) => `${list} ${String(at(entry, key))}`) : [];
}

function complaints(program: Program, { args, env }: ProgramStart): readonly string[] {
  const load = program === 'imds-agent' ? loadImdsAgentSettings : loadQueueProcessorSettings;
  const parsed = load({ argv: args, env });
  if (!parsed.ok) return [parsed.message];
  return 'warnings' in parsed ? parsed.warnings : [`it would ${parsed.mode}`];
}

/** How the pods of each DaemonSet, Deployment and test in a rendered chart start the program. */
export function programStarts(manifests: readonly Manifest[]): readonly ProgramStart[] {
  return podsOf(manifests).map((pod) => startOf(at(pod, 'containers', 0)));
}

/** The pods of each DaemonSet, Deployment and test. */
function podsOf(manifests: readonly Manifest[]): readonly unknown[] {
  return manifests
    .map((manifest) => at(manifest, 'spec', 'template', 'spec') ?? at(manifest, 'spec'))
    .filter((pod) => at(pod, 'containers', 0) !== undefined);
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
