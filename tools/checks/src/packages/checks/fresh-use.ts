import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pod, startSandbox } from '@node-termination-handler/sandbox';
import type { Sandbox } from '@node-termination-handler/sandbox';
import type { PublishedPackage } from '../published.ts';
import { createFreshProject, NODE_VERSIONS, readmeExample } from '../registry/fresh-project.ts';
import type { FreshProject } from '../registry/fresh-project.ts';
import { startRegistry } from '../registry/registry.ts';
import { rehearseRelease } from '../registry/rehearsal.ts';
import type { Finding } from '../report/finding.ts';

/** The node of the example in the README of node-drainer. */
const NODE = 'node-1';

/** Releases into a local registry, and uses the packages from there as somebody does who has just found them. */
export async function checkFreshUse(libraries: readonly PublishedPackage[]): Promise<readonly Finding[]> {
  await using registry = await startRegistry();
  await rehearseRelease(registry, libraries);
  const names = libraries.map(({ manifest }) => manifest.name);
  await using project = await createFreshProject(registry, names);
  const findings: Finding[] = [
    { check: 'release', about: `${names.length} packages into a local registry, and out of it again`, problems: [] },
  ];
  for (const version of NODE_VERSIONS) {
    findings.push(
      await found(`node-drainer drains a node, on Node ${version}`, () => drains(project, version)),
      await found(`event-parsers reads an event, on Node ${version}`, () => parses(project, version)),
      await found(`each package is required by a CommonJS file, on Node ${version}`, () =>
        requires(project, version, libraries),
      ),
    );
  }
  return findings;
}

async function found(about: string, use: () => Promise<readonly string[]>): Promise<Finding> {
  const problems = await use().catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);
  return { check: 'fresh project', about, problems };
}

type Version = (typeof NODE_VERSIONS)[number];

/** The example of node-drainer, less than ten lines beside its imports, on a sandbox. */
async function drains(project: FreshProject, version: Version): Promise<readonly string[]> {
  const example = await readmeExample('node-drainer');
  const lines = example.split('\n').filter((line) => line !== '' && !line.startsWith('import')).length;
  await using sandbox = await startSandbox({ nodes: [{ name: NODE }] });
  sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
  const directory = await mkdtemp(path.join(tmpdir(), 'nth-kubeconfig-'));
  try {
    const KUBECONFIG = path.join(directory, 'config');
    await writeFile(KUBECONFIG, kubeconfig(sandbox), { mode: 0o600 });
    const said = await project.run(version, 'drain.mts', example, { KUBECONFIG });
    const node = sandbox.kubernetes.get({ kind: 'Node', name: NODE });
    const { unschedulable } = (node?.spec ?? {}) as { unschedulable?: boolean };
    return [
      ...(unschedulable === true ? [] : [`the node is not cordoned; the example said: ${said}`]),
      ...(sandbox.kubernetes.list({ kind: 'Pod' }).length === 0 ? [] : [`the pod is still there; it said: ${said}`]),
      ...(lines < 10 ? [] : [`the example has ${lines} lines`]),
    ];
  } finally {
    await rm(directory, { recursive: true });
  }
}

function kubeconfig({ kubernetes }: Sandbox): string {
  return kubernetes.kubeconfig(kubernetes.issueToken({ user: 'somebody' }));
}

async function parses(project: FreshProject, version: Version): Promise<readonly string[]> {
  const said = await project.run(version, 'parse.mts', await readmeExample('event-parsers'));
  return said.startsWith('SPOT_ITN i-0b662ef9931388ba0 2026-01-02T03:06:05.000Z') ? [] : [`the example said: ${said}`];
}

/** Node ≥ 22 requires ES modules, so a CommonJS file gets the same exports. */
async function requires(
  project: FreshProject,
  version: Version,
  libraries: readonly PublishedPackage[],
): Promise<readonly string[]> {
  const entries = libraries.flatMap(({ manifest }) =>
    Object.keys(manifest.exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry) => path.posix.join(manifest.name, entry)),
  );
  const text = [
    'const assert = require("node:assert/strict");',
    ...entries.map((entry) => `assert.ok(Object.keys(require(${JSON.stringify(entry)})).length > 0);`),
    'console.log("required");',
  ].join('\n');
  const said = await project.run(version, 'require.cjs', text);
  return said.includes('required') ? [] : [said];
}
