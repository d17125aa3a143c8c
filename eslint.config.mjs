import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const nodeBuiltins = [
  {
    group: ['node:*', 'fs', 'http', 'https', 'net', 'crypto'],
    message: 'A pure library does no I/O: take bytes in, give values out.',
  },
];

const oneClock =
  'Time comes from @node-termination-handler/clock alone, so that tests can play it and nothing stays behind.';

/** Every other way to time: only libs/clock may use them. */
const timing = {
  'no-restricted-syntax': [
    'error',
    ...[
      "CallExpression[callee.object.name='performance'][callee.property.name='now']",
      "MemberExpression[object.name='Date'][property.name='now']",
      "NewExpression[callee.name='Date'][arguments.length=0]",
      'CallExpression[callee.name=/^(setTimeout|setInterval)$/]',
      "CallExpression[callee.object.name='AbortSignal'][callee.property.name=/^(timeout|any)$/]",
      "CallExpression[callee.property.name='addEventListener'][arguments.0.value='abort']",
      'ImportDeclaration[source.value=/^(node:)?timers|^p-retry$|^p-timeout$|^delay$/]',
    ].map((selector) => ({ selector, message: oneClock })),
  ],
};

export default defineConfig(
  { ignores: ['**/dist/**', '**/out-tsc/**', '**/coverage/**', '**/node_modules/**', '.nx/**', '**/results/**'] },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Nx tags carry the architecture: which kind of project may import which.
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          banTransitiveDependencies: true,
          depConstraints: [
            {
              sourceTag: 'pure',
              onlyDependOnLibsWithTags: ['pure'],
              allowedExternalImports: [
                'valibot',
                '@noble/hashes',
                '@noble/hashes/*',
                're2js',
                'vitest',
                'vitest/*',
                'fast-check',
              ],
            },
            { sourceTag: 'io', onlyDependOnLibsWithTags: ['pure', 'io'] },
            { sourceTag: 'app', onlyDependOnLibsWithTags: ['pure', 'io'] },
            { sourceTag: 'tool', onlyDependOnLibsWithTags: ['pure', 'io', 'tool'] },
          ],
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['warn', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['libs/{event-parsers,go-template}/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: nodeBuiltins }] },
  },
  {
    files: ['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
    ignores: ['libs/clock/src/**', '**/*.test.ts', '**/*.bench.ts', '**/testing/**'],
    rules: timing,
  },
  {
    files: ['**/*.test.ts', '**/testing/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
);
