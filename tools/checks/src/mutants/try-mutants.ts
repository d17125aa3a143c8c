import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { createVitest } from 'vitest/node';
import type { TestSpecification, Vitest } from 'vitest/node';
import { root } from '../workspace.ts';
import { pathsOf } from './pure-files.ts';
import type { PureFiles } from './pure-files.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly mutants: {
      /** One that is there from the loading of the files on; otherwise each test puts in one after the other. */
      readonly active?: string;
      /** Those that no test has noticed yet. */
      readonly living: ReadonlySet<string>;
    };
  }
  interface TaskMeta {
    mutants?: {
      readonly living: readonly string[];
      /** Those that files pass by while they are loaded. */ readonly atLoad: readonly string[];
    };
  }
}

/** One small change of a file. */
export interface Mutant {
  /** The path of the file from the root. */
  readonly file: string;
  /** The whole of the line on which it begins, without the blanks around it. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  readonly mutator: string;
  /** Whether no test noticed it. */
  readonly isAlive: boolean;
}

/** Makes every mutant of some files that Stryker knows, and lets the tests look for each. */
export async function tryMutants(pure: PureFiles): Promise<readonly Mutant[]> {
  const sources = await Promise.all(
    pathsOf(pure).map(async (file) => ({
      name: file,
      content: await readFile(path.join(root, file), 'utf8'),
      mutate: true,
    })),
  );
  const { files, mutants } = await new Instrumenter(SILENT).instrument(sources, {
    plugins: null,
    excludedMutations: [],
    ignorers: [],
  });
  const changed = new Map(files.map(({ name, content }) => [path.join(root, name), content]));
  const living = await survivors(pure, changed, new Set(mutants.map(({ id }) => id)));
  return mutants.map(({ id, fileName, mutatorName, replacement, location: { start, end } }) => {
    const lines = sources.find(({ name }) => name === fileName)?.content.split('\n') ?? [];
    return {
      file: fileName,
      line: lines[start.line]?.trim() ?? '',
      original: between(lines, start, end),
      replacement,
      mutator: mutatorName,
      isAlive: living.has(id),
    };
  });
}

async function survivors(
  { library, tests }: PureFiles,
  changed: ReadonlyMap<string, string>,
  all: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const folder = path.join(root, 'libs', library);
  await using vitest = await openVitest(folder, changed);
  const found = await vitest.globTestSpecifications();
  const specifications = tests.map((test) => {
    const moduleId = path.join(folder, 'src', `${test}.test.ts`);
    const specification = found.find((one) => one.moduleId === moduleId);
    if (specification === undefined) throw new Error(`there is no test ${moduleId}`);
    return specification;
  });
  const atLoad = new Set<string>();
  let living = all;
  for (const specification of specifications) {
    vitest.provide('mutants', { living });
    const { testModules } = await vitest.runTestSpecifications([specification]);
    for (const testModule of testModules) {
      if (!testModule.ok()) throw new Error(`${testModule.moduleId} fails without any mutant`);
      const { mutants } = testModule.meta();
      if (mutants === undefined) throw new Error(`${testModule.moduleId} says nothing of mutants`);
      living = new Set(mutants.living);
      for (const id of mutants.atLoad) atLoad.add(id);
    }
  }
  vitest.provide('mutants', { active: 'none', living });
  if (await isNoticed(vitest, specifications)) throw new Error('tests fail without any mutant when they are run anew');
  // What a file makes when it is loaded is made anew with each of these in it.
  const noticed = new Set<string>();
  for (const active of [...living].filter((id) => atLoad.has(id))) {
    vitest.provide('mutants', { active, living });
    if (await isNoticed(vitest, specifications)) noticed.add(active);
  }
  return new Set([...living].filter((id) => !noticed.has(id)));
}

async function isNoticed(vitest: Vitest, specifications: readonly TestSpecification[]): Promise<boolean> {
  for (const specification of specifications) {
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
    if (unhandledErrors.length > 0 || testModules.some((testModule) => !testModule.ok())) return true;
  }
  return false;
}

/** The tests of a library, which load changed files in place of those that stand there. */
async function openVitest(folder: string, changed: ReadonlyMap<string, string>): Promise<Vitest & AsyncDisposable> {
  const vitest = await createVitest(
    {
      root: folder,
      config: path.join(folder, 'vitest.config.mts'),
      runner: path.join(import.meta.dirname, 'runner.ts'),
      watch: false,
      // On a busy machine a test that is late has noticed nothing.
      testTimeout: 600_000,
      // What is kept between runs is kept by the text that stands in the file.
      fsModuleCache: false,
      maxWorkers: 1,
      pool: 'threads',
      silent: true,
      reporters: [{}],
    },
    { plugins: [{ name: 'mutants', enforce: 'pre', load: (id) => changed.get(id) }] },
  );
  return Object.assign(vitest, { [Symbol.asyncDispose]: () => vitest.close() });
}

/** Both count from 0. */
interface Position {
  readonly line: number;
  readonly column: number;
}

function between(lines: readonly string[], start: Position, end: Position): string {
  const taken = lines.slice(start.line, end.line + 1);
  const last = taken.length - 1;
  return taken
    .map((line, index) => line.slice(index === 0 ? start.column : 0, index === last ? end.column : undefined))
    .join('\n');
}

const no = (): boolean => false;
const nothing = (): void => undefined;
const SILENT: ConstructorParameters<typeof Instrumenter>[0] = {
  ...{
    isTraceEnabled: no,
    isDebugEnabled: no,
    isInfoEnabled: no,
    isWarnEnabled: no,
    isErrorEnabled: no,
    isFatalEnabled: no,
  },
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
};
