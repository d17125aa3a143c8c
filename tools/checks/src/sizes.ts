import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Finding } from './finding.ts';
import { appFolder, packagesIn, programs, root } from './workspace.ts';

const budgetsFile = 'tools/checks/size-budgets.json';

/** How large something is. */
interface Size {
  readonly name: string;
  readonly kib: number;
  readonly gzipKib: number;
}

/** How large each thing may be, in KiB, by name. */
type Budgets = Readonly<Record<string, number>>;

/** Measures the bundles of both programs and the sources of every library, and compares them with their budgets. */
export async function* checkSizes(): AsyncGenerator<Finding> {
  const budgets = JSON.parse(await readFile(path.join(root, budgetsFile), 'utf8')) as Budgets;
  const sizes = [...(await programSizes()), ...(await librarySizes())];
  yield* sizes.map((size) => judgeSize(size, budgets));
  const names = new Set(sizes.map(({ name }) => name));
  const gone = Object.keys(budgets).filter((name) => !names.has(name));
  yield { about: budgetsFile, problems: gone.map((name) => `there is no "${name}" any more: take its budget out`) };
}

/**
 * Compares a size with its budget. A budget says what was worth its size when it was set: what grew past it (a new dependency, a package
 * that no longer shakes out) is mended, or the budget is raised in the same commit, which says why.
 */
export function judgeSize({ name, kib, gzipKib }: Size, budgets: Budgets): Finding {
  const budget = budgets[name];
  const about = `${name}: ${kib.toFixed(0)} KiB, ${gzipKib.toFixed(0)} gzipped`;
  if (budget === undefined) return { about, problems: [`it has no budget in ${budgetsFile}`] };
  if (kib <= budget) return { about };
  return { about, problems: [`${(kib - budget).toFixed(1)} KiB over its budget of ${budget} KiB in ${budgetsFile}`] };
}

async function programSizes(): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const program of programs) {
    const bundle = path.join(appFolder(program), 'dist');
    const names = (await readdir(bundle)).filter((name) => name.endsWith('.cjs'));
    const files = new Map<string, Buffer>();
    for (const name of names) files.set(name, await readFile(path.join(bundle, name)));
    sizes.push(
      sizeOf(`apps/${program}: read at its start`, Buffer.concat(readAtStart(files))),
      sizeOf(`apps/${program}: all files`, Buffer.concat([...files.values()])),
    );
  }
  return sizes;
}

/** `main.cjs` and what it requires before it does anything; what is loaded when it is needed stands behind an arrow. Pure. */
export function readAtStart(files: ReadonlyMap<string, Buffer>): readonly Buffer[] {
  const found = new Map<string, Buffer>();
  const take = (name: string): void => {
    const content = files.get(name);
    if (content === undefined || found.has(name)) return;
    found.set(name, content);
    for (const [, part = ''] of content.toString().matchAll(/(?<!=>)require\("\.\/([^"]+)"\)/g)) take(part);
  };
  take('main.cjs');
  return [...found.values()];
}

/** The code of a library as it is published, types and maps left out: what a program that uses it must read. */
async function librarySizes(): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const { name, folder } of await packagesIn('libs')) {
    const files = await readdir(path.join(folder, 'src'), { recursive: true });
    const shipped = files.filter((file) => file.endsWith('.ts') && !/\.(test|bench)\.ts$|(^|\/)testing\//.test(file));
    const texts = await Promise.all(shipped.map((file) => readFile(path.join(folder, 'src', file))));
    sizes.push(sizeOf(`libs/${name}: sources`, Buffer.concat(texts)));
  }
  return sizes;
}

function sizeOf(name: string, content: Buffer): Size {
  return { name, kib: content.length / 1024, gzipKib: gzipSync(content).length / 1024 };
}
