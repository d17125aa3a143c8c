import { defineConfig } from 'vitest/config';

// The custom condition resolves the workspace's libraries to their sources, so that tests need no build.
const conditions = ['@node-termination-handler/source', 'node'];

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'http-client',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    passWithNoTests: true,
    // For machines that are slow or busy; no test is about its own duration.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/testing/**', 'src/**/*.bench.ts', 'src/index.ts'],
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
