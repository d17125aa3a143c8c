import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Each published library by itself must be covered: a well-tested neighbour makes up for nothing. `program` is the private
// glue of the two programs, which tools/trials runs as processes, unseen by coverage.
const libraries = readdirSync(new URL('libs', import.meta.url))
  .filter((name) => name !== 'program')
  .map((name) => `libs/${name}/src/**`);

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
