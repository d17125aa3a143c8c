import { defineConfig } from 'vitest/config';

// The custom condition resolves the workspace's libraries to their sources, so that tests need no build.
const conditions = ['@node-termination-handler/source', 'node'];

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'trials',
    include: ['src/**/*.test.ts'],
    // Many tests start a sandbox and a program: slow machines need their time, and few at once.
    globalSetup: 'src/integration/testing/bundle-programs.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/testing/**', 'src/**/*.bench.ts', 'src/index.ts'],
    },
  },
});
