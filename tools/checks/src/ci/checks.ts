/** One check of the repository. */
export interface Check {
  readonly name: string;
  /** What it proves, in a few words. */
  readonly proves: string;
  /** The command, as a person would type it at the root. */
  readonly command: readonly [string, ...string[]];
  /** JUnit files in which it leaves the counts of its tests; a check without them counts as one. */
  readonly reports?: readonly string[];
  /** A command that must be there; where it is not, the check is skipped with a word. */
  readonly needs?: string;
}

const testReport = 'results/ci/test.xml';
const faultReports = ['matrix', 'replicas', 'soak', 'polls'].map((part) => `results/faults/${part}.xml`);
const endToEndReports = ['contract', 'scenarios'].map((part) => `results/e2e/${part}.xml`);

/** Everything a change must pass, quick checks first. How long each may take stands in `ci-budget.json`. */
export const checks: readonly Check[] = [
  { name: 'sync', proves: 'project references match the imports', command: ['npx', 'nx', 'sync:check'] },
  {
    name: 'test',
    proves: 'units, properties, and both programs against the sandbox',
    command: ['npm', 'test', '--', '--reporter=default', '--reporter=junit', `--outputFile.junit=${testReport}`],
    reports: [testReport],
  },
  { name: 'lint', proves: 'house style and module boundaries', command: ['npm', 'run', 'lint'] },
  { name: 'typecheck', proves: 'types', command: ['npm', 'run', 'typecheck'] },
  { name: 'graph', proves: 'no cycle between projects', command: ['npm', 'run', 'graph:check'] },
  { name: 'unused', proves: 'no file, export or dependency that nobody uses', command: ['npm', 'run', 'unused'] },
  { name: 'size', proves: 'sizes of bundles and libraries within their budgets', command: ['npm', 'run', 'size'] },
  {
    name: 'packages',
    proves: 'the published packages, from a local registry in a fresh project',
    command: ['npm', 'run', 'package-check'],
  },
  {
    name: 'docs',
    proves: 'links, runnable commands, getting started on the sandbox, API references, and the files for AWS',
    command: ['npm', 'run', 'docs-check'],
  },
  {
    name: 'images',
    proves: 'Dockerfiles, and the programs confined as in their images',
    command: ['npm', 'run', 'image-check'],
  },
  { name: 'demo', proves: 'the main job, end to end on the sandbox', command: ['npm', 'run', 'demo'] },
  {
    name: 'simulation',
    proves: 'nothing lost in 300 plays that their seeds decide, with crashes, cut links and wrong clocks; what is recorded is still so',
    command: ['npm', 'run', 'simulate', '--', '--seeds', '1..300'],
    reports: ['results/simulation.xml'],
  },
  {
    name: 'faults',
    proves: 'nothing lost under faults that only processes show, under SIGKILL and many events',
    command: ['npm', 'run', 'faults', '--', '--quick'],
    reports: faultReports,
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
    reports: endToEndReports,
    needs: 'go',
  },
];

/** What takes too long for every change, and is run before a release or the end of a larger piece of work. */
export const longChecks: readonly Check[] = [
  {
    name: 'simulations',
    proves: 'nothing lost in 10,000 plays that their seeds decide',
    command: ['npm', 'run', 'simulate', '--', '--seeds', '1..10000'],
    reports: ['results/simulation.xml'],
  },
  {
    name: 'mutations',
    proves: 'the simulation finds each of the programs that are broken in one place, within 1,000 plays',
    command: ['npm', 'run', 'simulate', '--', '--mutations'],
  },
  {
    name: 'mutants',
    proves: 'tests notice small mistakes in the pure files',
    command: ['npm', 'run', 'mutants'],
  },
  {
    name: 'faults',
    proves: 'all faults, not the quick ones alone',
    command: ['npm', 'run', 'faults'],
    reports: faultReports,
  },
  {
    name: 'e2e-oldest',
    proves: 'the whole end-to-end suite, on the oldest Kubernetes that is supported',
    command: ['env', 'KUBERNETES_VERSION=oldest', 'npm', 'run', 'e2e', '--', '--long'],
    reports: endToEndReports,
    needs: 'go',
  },
  {
    name: 'bench',
    proves: 'times as ratios to a bare client, memory and requests; nothing is worse than the committed figures',
    command: ['npm', 'run', 'bench'],
    needs: 'go',
  },
];
