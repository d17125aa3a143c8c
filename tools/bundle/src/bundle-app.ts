import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { keepsSideEffects } from './side-effects.ts';

/** One file of a bundled program. */
export interface BundleFile {
  readonly name: string;
  readonly bytes: number;
}

/** One bundled program. */
export interface Bundle {
  /** The folder; all of its files belong to the program. */
  readonly directory: string;
  /** What Node is started with. */
  readonly main: string;
  /** `main.cjs` first, then the parts that are loaded when they are needed. */
  readonly files: readonly BundleFile[];
}

/**
 * Bundles an app and everything it imports into `dist/`, from the sources of the workspace's libraries.
 *
 * CommonJS, because a CommonJS bundle starts faster and stays some MiB smaller in memory than an ES module. What the
 * program imports dynamically becomes a file of its own: it is not even read before it is needed.
 *
 * @param app the app's folder, such as `apps/imds-agent`.
 */
export async function bundleApp(app: string): Promise<Bundle> {
  const directory = join(app, 'dist');
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
    const { output } = await build.write({
      dir: directory,
      // Parts of an earlier build would be shipped with this one.
      cleanDir: true,
      format: 'cjs',
      entryFileNames: 'main.cjs',
      chunkFileNames: '[name].cjs',
      minify: { mangle: true, compress: true, codegen: { removeWhitespace: true } },
      sourcemap: false,
      exports: 'named',
    });
    const files = output.map((file) => ({
      name: file.fileName,
      bytes: Buffer.byteLength(file.type === 'chunk' ? file.code : file.source),
    }));
    return { directory, main: join(directory, 'main.cjs'), files };
  } finally {
    await build.close();
  }
}
