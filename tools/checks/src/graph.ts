import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from './command.ts';
import { examine } from './finding.ts';
import type { Finding } from './finding.ts';
import { root } from './workspace.ts';

/** Nx' graph of the workspace, as far as it is read here. */
interface ProjectGraph {
  readonly graph: { readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>> };
}

/** No project of the workspace needs itself by way of others. */
export async function* checkGraph(): AsyncGenerator<Finding> {
  yield await examine('no cycle between projects', async () => {
    const file = path.join(root, 'results/ci/graph.json');
    await mkdir(path.dirname(file), { recursive: true });
    await mustRun(path.join(root, 'node_modules/.bin/nx'), ['graph', `--file=${file}`], { cwd: root });
    const { graph } = JSON.parse(await readFile(file, 'utf8')) as ProjectGraph;
    const needs = Object.entries(graph.dependencies);
    const cycle = findCycle(new Map(needs.map(([name, targets]) => [name, targets.map(({ target }) => target)])));
    return cycle === undefined ? { detail: `${needs.length} projects` } : { problems: [cycle.join(' → ')] };
  });
}

/** Finds a way through the graph that comes back to where it began; its last name is its first. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): readonly string[] | undefined => {
    const again = way.indexOf(name);
    if (again >= 0) return [...way.slice(again), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const cycle = visit(next, [...way, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
