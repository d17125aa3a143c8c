import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleApp } from './bundle-app.ts';
import type { Finding } from './finding.ts';
import { appFolder, programs, root } from './workspace.ts';

const KIB = 1024;
const budgetsFile = 'tools/checks/size-budgets.json';

/** How large something is. */
export interface Size {
  readonly name: string;
  readonly kib: number;
  readonly gzipKib?: number;
}

/** How large each thing may be, in KiB, by name. */
export type Budgets = Readonly<Record<string, number>>;

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
  const gzip = gzipKib === undefined ? '' : `, ${gzipKib.toFixed(0)} gzipped`;
  const about = `${name}: ${kib.toFixed(0)} KiB${gzip}`;
  if (budget === undefined) return { about, problems: [`it has no budget in ${budgetsFile}`] };
  if (kib <= budget) return { about };
  return { about, problems: [`${(kib - budget).toFixed(1)} KiB over its budget of ${budget} KiB in ${budgetsFile}`] };
}

async function programSizes(): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const app of programs) {
    // Apart from the bundles of others who build at the same time.
    const { main, files } = await bundleApp(appFolder(app), path.join(root, 'results/size', app));
    const code = await readFile(main);
    const whole = files.reduce((sum, { bytes }) => sum + bytes, 0);
    sizes.push(
      { name: `apps/${app}: main.cjs`, kib: code.length / KIB, gzipKib: gzipSync(code).length / KIB },
      { name: `apps/${app}: all files`, kib: whole / KIB },
    );
  }
  return sizes;
}

/** The code of a library as it is published, types and maps left out: what a program that uses it must read. */
async function librarySizes(): Promise<Size[]> {
  const names = await readdir(path.join(root, 'libs'));
  const sizes: Size[] = [];
  for (const name of names.toSorted()) {
    const source = path.join(root, 'libs', name, 'src');
    const files = await readdir(source, { recursive: true });
    const shipped = files.filter((file) => file.endsWith('.ts') && !/\.(test|bench|d)\.ts$|(^|\/)testing\//.test(file));
    const texts = await Promise.all(shipped.map((file) => readFile(path.join(source, file))));
    const all = Buffer.concat(texts);
    sizes.push({ name: `libs/${name}: sources`, kib: all.length / KIB, gzipKib: gzipSync(all).length / KIB });
  }
  return sizes;
}
