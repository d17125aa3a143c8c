import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { OutputAsset, OutputChunk } from 'rolldown';

/** Packages whose modules only define things, though their package.json does not say so. */
const PURE = ['@kubernetes/client-node', '@aws-sdk', '@smithy'];

/**
 * What is put into files of its own, first match first. V8 needs ten times the size of a file to read it, and the process keeps that: of
 * three files it needs but the largest. What is loaded later is kept apart from what each program starts with (`entriesAware`).
 */
const PARTS = [
  { name: 'sdk', test: /node_modules[\\/](@aws-sdk|@smithy)/, priority: 3 },
  { name: 'vendor', test: /node_modules/, priority: 2 },
  { name: 'libs', test: /[\\/]libs[\\/]/, priority: 1 },
].map((part) => ({ ...part, entriesAware: true }));

/** One file of a bundled program. */
interface BundleFile {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Bundles an app and everything it imports, from the sources of the workspace's libraries.
 *
 * CommonJS, because a CommonJS bundle starts faster and stays some MiB smaller in memory than an ES module. What the
 * program imports dynamically becomes a file of its own: it is not even read before it is needed.
 *
 * @param app the app's folder, such as `apps/imds-agent`.
 * @param directory where the files go, all of which belong to the program. Default: `dist` in the app's folder.
 * @param keepsNames whether functions keep their names, for a profile (`node --cpu-prof`). Default: no.
 * @returns `main.cjs`, which Node is started with, and the parts that are loaded when they are needed.
 */
export async function bundleApp(
  app: string,
  directory = join(app, 'dist'),
  keepsNames = false,
): Promise<readonly BundleFile[]> {
  const build = await rolldown({
    input: join(app, 'src', 'start.ts'),
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
    const { output } = await build.generate({
      format: 'cjs',
      entryFileNames: 'main.cjs',
      chunkFileNames: ({ name }) => `${name.split('~')[0] ?? name}.cjs`,
      codeSplitting: { groups: PARTS },
      minify: !keepsNames && { mangle: true, compress: true, codegen: { removeWhitespace: true } },
      sourcemap: false,
      exports: 'named',
    });
    await mkdir(directory, { recursive: true });
    const files = await Promise.all(output.map((file) => writeWhole(directory, file)));
    const names = new Set(files.map(({ name }) => name));
    // Parts of an earlier build would be shipped with this one.
    const left = (await readdir(directory)).filter((name) => name.endsWith('.cjs') && !names.has(name));
    await Promise.all(left.map((name) => rm(join(directory, name), { force: true })));
    return files;
  } finally {
    await build.close();
  }
}

/** Writes a file so that a program which starts meanwhile finds it whole, the old one or the new one. */
async function writeWhole(directory: string, output: OutputChunk | OutputAsset): Promise<BundleFile> {
  const content = output.type === 'chunk' ? inAscii(output.code) : output.source;
  const unfinished = join(directory, `${output.fileName}.${process.pid}`);
  await writeFile(unfinished, content);
  await rename(unfinished, join(directory, output.fileName));
  return { name: output.fileName, bytes: Buffer.byteLength(content) };
}

/**
 * The same code in ASCII: with one character beyond Latin-1, V8 keeps two bytes of each of the whole source.
 *
 * @throws Error where that would change the raw text of a template
 */
export function inAscii(code: string): string {
  const raw = /String\.raw`[^`]*[^\0-~][^`]*`/.exec(code)?.[0];
  if (raw !== undefined) throw new Error(`raw text in a program must be ASCII: ${raw.slice(0, 80)}`);
  return code.replaceAll(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Which modules stay though nothing of them is used; `undefined` where the package's own word counts. */
function keepsSideEffects(id: string): boolean | undefined {
  return PURE.some((name) => id.includes(`/node_modules/${name}/`)) ? false : undefined;
}
