import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildComponents } from '@node-termination-handler/control-plane';
import { root } from '../program.ts';
import type { ProgramName } from '../program.ts';
import { eventually } from '../wait.ts';
import type { PodObject } from '../kube.ts';
import type { Scene } from './scene.ts';

/** How a chart is installed. */
export interface ChartInstall {
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The pod security level that the namespace enforces. */
  readonly level: 'restricted' | 'privileged';
}

/** The name of every release in these tests. */
export const RELEASE = 'nth';

/**
 * Creates a namespace and installs a program's chart into it by Helm, as a user does.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export async function installChart(scene: Scene, program: ProgramName, install: ChartInstall): Promise<void> {
  const { plane, kube } = scene.world;
  const { namespace, values, level } = install;
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  await kube.create('/api/v1/namespaces', 'Namespace', { metadata: { name: namespace, labels } });
  const folder = join(scene.directory, `helm-${program}`);
  await mkdir(folder, { recursive: true });
  const valuesFile = join(folder, 'values.yaml');
  // JSON is YAML.
  await writeFile(valuesFile, JSON.stringify(values));
  const { helm } = await buildComponents(['helm'], { version: plane.version });
  const helmRun = (...args: string[]) =>
    promisify(execFile)(helm, [...args, '--namespace', namespace, '--kubeconfig', plane.adminKubeconfigFile], {
      env: { HOME: folder, PATH: process.env.PATH },
    });
  const chart = join(root, 'apps', program, 'chart');
  await helmRun('install', RELEASE, chart, '--values', valuesFile);
  scene.use({
    [Symbol.asyncDispose]: async () => {
      await helmRun('uninstall', RELEASE);
    },
  });
}

/**
 * The objects that Helm makes of a program's chart and a values file, as YAML, without those of the Prometheus operator.
 *
 * @throws Error with Helm's words when it refuses the file.
 */
export async function renderChart(
  scene: Scene,
  program: ProgramName,
  release: string,
  values: string,
): Promise<string> {
  const { plane } = scene.world;
  const valuesFile = join(scene.directory, `${release}.yaml`);
  await mkdir(scene.directory, { recursive: true });
  await writeFile(valuesFile, values);
  const { helm } = await buildComponents(['helm'], { version: plane.version });
  const args = ['template', release, join(root, 'apps', program, 'chart'), '--no-hooks'];
  const version = ['--kube-version', plane.version.patch, '--namespace', 'default'];
  const { stdout } = await promisify(execFile)(helm, [...args, ...version, '--values', valuesFile]);
  return stdout
    .split(/^---$/m)
    .filter((object) => !object.includes('apiVersion: monitoring.coreos.com/'))
    .join('---\n');
}

/** The first pod of a release's program that the control plane has let in and bound to a node. */
export async function installedPod(scene: Scene, program: ProgramName, namespace: string): Promise<PodObject> {
  const labelSelector = `app.kubernetes.io/name=${program}`;
  const look = async () => {
    const pods = await scene.kube.list<PodObject>(`/api/v1/namespaces/${namespace}/pods`, { labelSelector });
    return pods.find(({ spec }) => spec.nodeName !== undefined && spec.nodeName !== '');
  };
  return eventually(`a pod of ${program} to be let in and bound`, look, 45_000);
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

/** What a kubelet would start the pod's one container with. @throws Error for a source that it does not know */
export function startOf(pod: PodObject): { readonly args: readonly string[]; readonly env: Record<string, string> } {
  const { containers } = pod.spec as unknown as {
    containers: readonly { readonly args?: readonly string[]; readonly env?: readonly EnvironmentVariable[] }[];
  };
  const [container = {}] = containers;
  const fields: Readonly<Record<string, string | undefined>> = {
    'spec.nodeName': pod.spec.nodeName,
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
  };
  const valueOf = ({ name, value, valueFrom }: EnvironmentVariable): string => {
    const resolved = valueFrom === undefined ? (value ?? '') : fields[valueFrom.fieldRef?.fieldPath ?? ''];
    if (resolved === undefined) throw new Error(`${name} comes from somewhere else`);
    return resolved;
  };
  const env = Object.fromEntries((container.env ?? []).map((variable) => [variable.name, valueOf(variable)]));
  return { args: container.args ?? [], env };
}
