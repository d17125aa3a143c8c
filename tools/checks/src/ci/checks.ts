/** A file in which a check leaves the counts of its tests. */
export interface TestReport {
  readonly format: 'vitest' | 'junit';
  readonly file: string;
}

/** One check of the repository. */
export interface Check {
  readonly name: string;
  /** What it proves, in a few words. */
  readonly proves: string;
  /** The command, as a person would type it at the root. */
  readonly command: readonly [string, ...string[]];
  /** Where it leaves the counts of its tests; a check without counts as one. */
  readonly reports?: readonly TestReport[];
  /** A command that must be there; where it is not, the check is skipped with a word. */
  readonly needs?: string;
}

/** Everything a change must pass, quick checks first. */
export const checks: readonly Check[] = [
  { name: 'sync', proves: 'project references match the imports', command: ['npx', 'nx', 'sync:check'] },
  {
    name: 'test',
    proves: 'units, properties, and both programs against the sandbox',
    command: ['npm', 'test', '--', '--reporter=default', '--reporter=json', '--outputFile.json=results/ci/test.json'],
    reports: [{ format: 'vitest', file: 'results/ci/test.json' }],
  },
  { name: 'lint', proves: 'house style and module boundaries', command: ['npm', 'run', 'lint'] },
  { name: 'typecheck', proves: 'types', command: ['npm', 'run', 'typecheck'] },
  { name: 'graph', proves: 'no cycle between projects', command: ['npm', 'run', 'graph:check'] },
  {
    name: 'size',
    proves: 'sizes of bundles and libraries within their budgets',
    command: ['npm', 'run', 'size'],
  },
  {
    name: 'packages',
    proves: 'the published packages, from a local registry in a fresh project',
    command: ['npm', 'run', 'package-check'],
  },
  {
    name: 'docs',
    proves: 'links, runnable commands, API references, and the files for AWS',
    command: ['npm', 'run', 'docs-check'],
  },
  {
    name: 'images',
    proves: 'Dockerfiles, and the programs confined as in their images',
    command: ['npm', 'run', 'image-check'],
  },
  { name: 'demo', proves: 'the main job, end to end on the sandbox', command: ['npm', 'run', 'demo'] },
  {
    name: 'faults',
    proves: 'nothing lost under faults, at random times, under SIGKILL and many events',
    command: ['npm', 'run', 'faults', '--', '--quick'],
    reports: ['matrix', 'schedules', 'replicas', 'soak'].map((part) => ({
      format: 'junit',
      file: `results/faults/${part}.xml`,
    })),
  },
  {
    name: 'charts',
    proves: 'Helm charts, alerts, dashboards and workflows, by the tools of their field',
    command: ['npm', 'run', 'chart-check'],
    needs: 'go',
  },
  {
    name: 'e2e',
    proves: 'both programs on a real control plane, and the contract with the sandbox',
    command: ['npm', 'run', 'e2e'],
    reports: [
      { format: 'junit', file: 'results/e2e/contract.xml' },
      { format: 'junit', file: 'results/e2e/scenarios.xml' },
    ],
    needs: 'go',
  },
];
