import type { KnipConfig } from 'knip';

/**
 * `npm run unused` looks twice: at everything, for files, dependencies and `export` words that nobody needs; then, as *production*, at
 * libraries and programs without their tests, for what nobody uses but its own test.
 */
export default ({ production = false }: { readonly production?: boolean }): KnipConfig => {
  const shipped = { project: ['src/**/*.ts!', '!src/**/testing/**!'] };
  return {
    ignoreExportsUsedInFile: production,
    ignoreWorkspaces: production ? ['tools/*'] : [],
    workspaces: {
      '.': { entry: [], project: [] },
      'libs/*': shipped,
      'apps/*': { entry: ['src/main.ts!'], ...shipped },
      'tools/*': { entry: ['src/main.ts'], includeEntryExports: true },
      // Programs that are run, not imported.
      'tools/checks': {
        entry: ['src/main.ts'],
        includeEntryExports: true,
        ignoreDependencies: ['@cyclonedx/cyclonedx-npm', 'remark-cli', 'remark-gfm', 'remark-validate-links'],
      },
    },
  };
};
