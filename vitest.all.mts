import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Each library by itself must be covered: a well-tested neighbour makes up for nothing.
const libraries = readdirSync(new URL('libs', import.meta.url)).map((name) => `libs/${name}/src/**`);

// Every project's tests in one run, for `npm test`. The name keeps Nx from taking the root for a project of its own.
export default defineConfig({
  test: {
    projects: ['libs/*/vitest.config.mts', 'apps/*/vitest.config.mts', 'tools/*/vitest.config.mts'],
    coverage: {
      provider: 'v8',
      include: ['libs/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**', '**/*.bench.ts', '**/src/index.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: Object.fromEntries(libraries.map((library) => [library, { lines: 90, branches: 90 }])),
    },
  },
});
