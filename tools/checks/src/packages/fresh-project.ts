import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pod, startSandbox } from '@node-termination-handler/sandbox';
import { mustRun } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding, Verdict } from '../finding.ts';
import { root } from '../workspace.ts';
import type { WorkspacePackage } from '../workspace.ts';
import { rehearseRelease, startRegistry } from './release.ts';
import type { Registry } from './release.ts';

/** Versions of Node.js that a user may have. */
const NODE_VERSIONS = [20, 22, 24] as const;

/** The node of the example in the README of node-drainer. */
const NODE = 'node-1';

/** Runs a text on a version of Node.js, as a file of this name, in a project of somebody who knows nothing of this workspace. */
type RunFile = (file: string, text: string, env?: Readonly<Record<string, string>>) => Promise<string>;

/** Releases into a local registry, and uses the packages from there as somebody does who has just found them. */
export async function* checkFreshProject(libraries: readonly WorkspacePackage[]): AsyncGenerator<Finding> {
  await using registry = await startRegistry();
  await rehearseRelease(registry, libraries);
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'nth-fresh-'));
  await install(folder.path, registry, libraries);
  yield { about: 'release', detail: `${libraries.length} packages into a local registry, and out of it again` };
  for (const version of NODE_VERSIONS) {
    const runFile: RunFile = async (file, text, env = {}) => {
      await writeFile(path.join(folder.path, file), text);
      const node = path.join(folder.path, 'node_modules', `node-${version}`, 'bin/node');
      return mustRun(node, [file], { cwd: folder.path, env: { ...process.env, ...env } });
    };
    const promised = libraries.filter((library) => oldestNode(library) <= version);
    const uses: readonly [library: string, about: string, use: () => Promise<Verdict>][] = [
      ['node-drainer', 'drains a node', () => drains(runFile)],
      ['event-parsers', 'reads an event', () => parses(runFile)],
      ['go-template', 'renders a template', () => renders(runFile)],
    ];
    for (const [library, about, use] of uses) {
      if (!promised.some(({ name }) => name === library)) continue;
      yield await examine(`fresh project: ${library} ${about}, on Node ${version}`, use);
    }
    yield await examine(
      `fresh project: ${promised.length} packages are required by a CommonJS file, on Node ${version}`,
      () => requires(runFile, promised),
    );
  }
}

/** Makes a project that has the packages from the registry, and each version of Node.js as a package. */
async function install(folder: string, registry: Registry, libraries: readonly WorkspacePackage[]): Promise<void> {
  await writeFile(path.join(folder, '.npmrc'), `@node-termination-handler:registry=${registry.url}/\n`);
  const manifest = {
    name: 'fresh',
    private: true,
    dependencies: Object.fromEntries(libraries.map(({ manifest: { name } }) => [name, 'latest'])),
    devDependencies: Object.fromEntries(NODE_VERSIONS.map((version) => [`node-${version}`, `npm:node@${version}`])),
    // The package named node fetches its binary when it is installed.
    allowScripts: { node: true },
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
}

/** The example of node-drainer, less than ten lines beside its imports, on a sandbox. */
async function drains(runFile: RunFile): Promise<Verdict> {
  const example = await readmeExample('node-drainer');
  const lines = example.split('\n').filter((line) => line !== '' && !line.startsWith('import')).length;
  await using sandbox = await startSandbox({ nodes: [{ name: NODE }] });
  const { kubernetes } = sandbox;
  kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
  await using directory = await mkdtempDisposable(path.join(tmpdir(), 'nth-kubeconfig-'));
  const KUBECONFIG = path.join(directory.path, 'config');
  await writeFile(KUBECONFIG, kubernetes.kubeconfig(kubernetes.issueToken({ user: 'somebody' })), { mode: 0o600 });
  const said = await runFile('drain.mts', example, { KUBECONFIG });
  const node = kubernetes.get({ kind: 'Node', name: NODE });
  const { unschedulable } = (node?.spec ?? {}) as { unschedulable?: boolean };
  return {
    problems: [
      ...(unschedulable === true ? [] : [`the node is not cordoned; the example said: ${said}`]),
      ...(kubernetes.list({ kind: 'Pod' }).length === 0 ? [] : [`the pod is still there; it said: ${said}`]),
      ...(lines < 10 ? [] : [`the example has ${lines} lines`]),
    ],
  };
}

async function parses(runFile: RunFile): Promise<Verdict> {
  const said = await runFile('parse.mts', await readmeExample('event-parsers'));
  const isRight = said.startsWith('SPOT_ITN i-0b662ef9931388ba0 2026-01-02T03:06:05.000Z');
  return { problems: isRight ? [] : [`the example said: ${said}`] };
}

async function renders(runFile: RunFile): Promise<Verdict> {
  const said = await runFile('render.mjs', await readmeExample('go-template'));
  const isRight = said.includes('\n1. Ada Lovelace: "tea, cake",    12.50\n');
  return { problems: isRight ? [] : [`the example said: ${said}`] };
}

/** The first major version of Node.js that a package promises to run on. */
function oldestNode({ name, manifest: { engines } }: WorkspacePackage): number {
  const version = /^>=(\d+)/.exec(engines?.node ?? '')?.[1];
  if (version === undefined) throw new Error(`${name} does not say in engines.node what it runs on`);
  return Number(version);
}

/** Node ≥ 20.19 requires ES modules, so a CommonJS file gets the same exports. */
async function requires(runFile: RunFile, libraries: readonly WorkspacePackage[]): Promise<Verdict> {
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
  const said = await runFile('require.cjs', text);
  return { problems: said.includes('required') ? [] : [said] };
}

/** The first example of a library's README. */
export async function readmeExample(library: string): Promise<string> {
  const readme = await readFile(path.join(root, 'libs', library, 'README.md'), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1];
  if (example === undefined) throw new Error(`the README of ${library} has no example`);
  return example;
}
