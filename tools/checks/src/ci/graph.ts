import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { findCycle } from './find-cycle.ts';

/** Nx' graph of the workspace, as far as it is read here. */
interface ProjectGraph {
  readonly graph: { readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>> };
}

mkdirSync('results/ci', { recursive: true });
execFileSync('npx', ['nx', 'graph', '--file=results/ci/graph.json'], { stdio: 'ignore' });
const { graph } = JSON.parse(readFileSync('results/ci/graph.json', 'utf8')) as ProjectGraph;
const cycle = findCycle(
  new Map(Object.entries(graph.dependencies).map(([name, targets]) => [name, targets.map(({ target }) => target)])),
);
process.stdout.write(
  cycle === undefined ? 'no cycle between projects\n' : `a cycle between projects: ${cycle.join(' → ')}\n`,
);
process.exitCode = cycle === undefined ? 0 : 1;
