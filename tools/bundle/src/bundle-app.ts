import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { keepsSideEffects } from './side-effects.ts';

/** One bundled program. */
export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Bundles an app and everything it imports into `dist/main.cjs`, from the sources of the workspace's libraries.
 *
 * CommonJS, because a CommonJS bundle starts faster and stays some MiB smaller in memory than an ES module.
 *
 * @param app the app's folder, such as `apps/imds-agent`.
 */
export async function bundleApp(app: string): Promise<Bundle> {
  const file = join(app, 'dist', 'main.cjs');
  const build = await rolldown({
    input: join(app, 'src', 'main.ts'),
    platform: 'node',
    resolve: {
      conditionNames: ['@node-termination-handler/source', 'import', 'node', 'default'],
      // The AWS SDK's ES modules can be shaken, its CommonJS files cannot.
      mainFields: ['module', 'main'],
    },
    treeshake: { moduleSideEffects: keepsSideEffects },
    logLevel: 'warn',
  });
  try {
    await build.write({
      file,
      format: 'cjs',
      codeSplitting: false,
      minify: { mangle: true, compress: true, codegen: { removeWhitespace: true } },
      sourcemap: false,
      exports: 'none',
    });
  } finally {
    await build.close();
  }
  return { file, bytes: (await stat(file)).size };
}
