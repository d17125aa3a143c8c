import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { mustRun } from '../command.ts';
import { examine } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { WorkspacePackage } from '../workspace.ts';

/**
 * What a package of ES modules alone can't offer: Node 10, and types for a CommonJS file of a compiler that does not know that Node ≥ 22
 * requires ES modules. That `require` works is shown by a project that does it.
 */
const ES_MODULES_ALONE: ReadonlySet<string> = new Set(['NoResolution node10', 'CJSResolvesToESM node16-cjs']);

/** The largest that a package may be, packed, in bytes. */
const LIMIT_BYTES = 300_000;

/** Beside these there are only what the compiler made of the sources, and maps that lead back to them. */
const OWN_FILES: ReadonlySet<string> = new Set(['LICENSE', 'README.md', 'package.json']);

/** Whether a path has a place in a published package. */
export function isExpected(file: string): boolean {
  if (OWN_FILES.has(file)) return true;
  return /^dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)$/.test(file) && !/\.(test|bench)\.|\/testing\//.test(file);
}

/** Checks what a library's users would get: its files, its size, its exports and its types. */
export async function* checkTarball(library: WorkspacePackage): AsyncGenerator<Finding> {
  const { name, folder, manifest } = library;
  const { tarball, files, bytes } = await pack(library);
  const missing = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'].filter((file) => !files.includes(file));
  yield {
    about: `files: ${name}`,
    detail: `${files.length} files, ${(bytes / 1024).toFixed(0)} KiB packed`,
    problems: [
      ...files.filter((file) => !isExpected(file)).map((file) => `${file} has no place in the package`),
      ...missing.map((file) => `${file} is missing`),
      ...(bytes > LIMIT_BYTES ? [`${bytes} bytes are more than the limit of ${LIMIT_BYTES}`] : []),
    ],
  };
  yield await examine(`publint: ${name}`, async () => {
    const { messages } = await publint({ pkgDir: folder, strict: true });
    const words = messages.map((message) => formatMessage(message, { ...manifest }, { color: false }) ?? message.code);
    return { problems: words };
  });
  yield await examine(`types (attw): ${name}`, async () => {
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    if (analysis.types === false) return { problems: ['the package has no types'] };
    const problems = analysis.problems.map((problem) =>
      `${problem.kind} ${'resolutionKind' in problem ? problem.resolutionKind : ''}`.trim(),
    );
    return { problems: problems.filter((problem) => !ES_MODULES_ALONE.has(problem)) };
  });
}

/** Packs a library as `npm publish` would. */
async function pack({ folder }: WorkspacePackage) {
  await using destination = await mkdtempDisposable(path.join(tmpdir(), 'nth-pack-'));
  const text = await mustRun('npm', ['pack', '--json', '--pack-destination', destination.path], { cwd: folder });
  const [packed] = JSON.parse(text) as { filename: string; size: number; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack made nothing of ${folder}`);
  const tarball = await readFile(path.join(destination.path, packed.filename));
  return { tarball, files: packed.files.map((file) => file.path).sort(), bytes: packed.size };
}
