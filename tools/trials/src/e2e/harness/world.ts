import { readFile } from 'node:fs/promises';
import { startControlPlane } from '@node-termination-handler/control-plane';
import type { ControlPlane, KubernetesVersion } from '@node-termination-handler/control-plane';
import { root } from '../../program.ts';
import type { ProgramName } from '../../program.ts';
import { createKube } from './kube.ts';
import type { Kube } from './kube.ts';

/** The namespace in which the programs' service accounts live. */
export const programNamespace = 'node-termination-handler';

/** What all scenarios share: one control plane, with the roles that the programs' charts ship. */
export interface World extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly kube: Kube;
}

/** The ClusterRole of a program in this world: exactly the rules that its chart ships. */
export function roleOf(program: ProgramName): string {
  return `e2e-${program}`;
}

/** The rules that a program's chart ships, as YAML. */
export async function chartRules(program: ProgramName): Promise<string> {
  return readFile(`${root}/apps/${program}/chart/files/rbac-rules.yaml`, 'utf8');
}

/** Starts the control plane and installs the roles. */
export async function startWorld(
  version: KubernetesVersion,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
): Promise<World> {
  const audit = { group: `system:serviceaccounts:${programNamespace}` };
  const plane = await startControlPlane({ version, audit, onProgress, ...(signal && { signal }) });
  try {
    const kube = createKube(plane.api);
    const metadata = { name: programNamespace };
    await kube.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    for (const program of ['imds-agent', 'queue-processor'] as const) {
      await applyClusterRole(plane, roleOf(program), await chartRules(program));
    }
    return { plane, kube, [Symbol.asyncDispose]: async () => plane.stop() };
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/**
 * Creates or replaces a ClusterRole by kubectl, so that the rules are read as a cluster reads them.
 *
 * @throws Error with kubectl's words when it refuses them.
 */
export async function applyClusterRole(plane: ControlPlane, name: string, rules: string): Promise<void> {
  const head = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: ${name} }\nrules:\n`;
  const indented = rules.replaceAll(/^/gm, '  ');
  const result = await plane.kubectl(['apply', '-f', '-'], { input: head + indented });
  if (result.code !== 0) throw new Error(`kubectl did not take the rules of ${name}: ${result.stderr}`);
}
