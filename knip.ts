import type { KnipConfig } from 'knip';

/**
 * `npm run unused` looks twice: at everything, for files, dependencies and `export` words that nobody needs; then, as *production*, at
 * libraries and programs without their tests, for what nobody uses but its own test.
 */
export default ({ production = false }: { readonly production?: boolean }): KnipConfig => {
  const shipped = { project: ['src/**/*.ts!', '!src/**/testing/**!'] };
  const tool = { entry: ['src/**/*main.ts', 'src/**/*.mjs'], includeEntryExports: true };
  return {
    ignoreExportsUsedInFile: production,
    // Two names of one value may mean two things.
    exclude: ['duplicates'],
    ignoreWorkspaces: production ? ['tools/*'] : [],
    workspaces: {
      '.': { entry: [], project: [] },
      'libs/*': shipped,
      // What a published package exports is for its users; what this library exports is for the programs alone.
      'libs/runtime': { ...shipped, includeEntryExports: true, ignoreBinaries: ['mkfifo'] },
      'tools/nth-migrate': { entry: tool.entry },
      'apps/*': { entry: ['src/start.ts!'], ...shipped },
      'tools/*': tool,
      // Files that are run by their path, beside a program or before it.
      'tools/trials': {
        ...tool,
        entry: [...tool.entry, 'src/bench/floor.ts', 'src/faults/hurried.ts', 'src/simulation/worker.ts'],
      },
      'tools/checks': {
        ...tool,
        entry: [...tool.entry, 'src/mutants/runner.ts'],
        // Programs that are run, not imported.
        ignoreDependencies: ['@cyclonedx/cyclonedx-npm', 'remark-cli', 'remark-gfm', 'remark-validate-links'],
      },
    },
  };
};
