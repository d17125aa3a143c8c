import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { PublishedPackage } from '../published.ts';
import type { Finding } from '../report/finding.ts';
import { pack } from './pack.ts';

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
export async function checkTarball(library: PublishedPackage): Promise<readonly Finding[]> {
  const { name, folder, manifest } = library;
  const { tarball, files, bytes } = await pack(library);
  const { messages } = await publint({ pkgDir: folder, strict: true });
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  const problems = analysis.types === false ? [] : analysis.problems;
  const missing = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'].filter((file) => !files.includes(file));
  return [
    {
      check: 'files',
      about: `${name}, ${files.length} files, ${(bytes / 1024).toFixed(0)} KiB packed`,
      problems: [
        ...files.filter((file) => !isExpected(file)).map((file) => `${file} has no place in the package`),
        ...missing.map((file) => `${file} is missing`),
        ...(bytes > LIMIT_BYTES ? [`${bytes} bytes are more than the limit of ${LIMIT_BYTES}`] : []),
      ],
    },
    {
      check: 'publint',
      about: name,
      problems: messages.map((message) => formatMessage(message, { ...manifest }, { color: false }) ?? message.code),
    },
    {
      check: 'types (attw)',
      about: name,
      problems: [
        ...(analysis.types === false ? ['the package has no types'] : []),
        ...problems
          .map((problem) => `${problem.kind} ${'resolutionKind' in problem ? problem.resolutionKind : ''}`.trim())
          .filter((problem) => !ES_MODULES_ALONE.has(problem)),
      ],
    },
  ];
}
