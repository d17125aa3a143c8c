import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleApp } from '@node-termination-handler/checks';
import { bundles, root } from '../programs/start.ts';
import { markdownTable } from '../report/table.ts';
import { judgeSizes } from './judge-sizes.ts';
import type { Budgets, Size } from './judge-sizes.ts';

const KIB = 1024;
const budgetsFile = 'tools/bench/budgets.json';

/** Measures programs and libraries, prints them beside their budgets, and tells whether all are within. */
export async function checkSizes(say: (line: string) => void): Promise<boolean> {
  const sizes = [...(await programSizes()), ...(await librarySizes())];
  const budgets = JSON.parse(await readFile(path.join(root, budgetsFile), 'utf8')) as Budgets;
  const { lines, complaints } = judgeSizes(sizes, budgets);
  say(markdownTable(lines));
  for (const complaint of complaints) say(`\n${complaint}`);
  if (complaints.length > 0) {
    say(
      `\nA budget says what was worth its size when it was set, in ${budgetsFile}. Find out what grew (a new dependency, a package that` +
        ' no longer shakes out); where it is worth it, raise the budget in the same commit and say why.',
    );
  }
  return complaints.length === 0;
}

async function programSizes(): Promise<Size[]> {
  const sizes: Size[] = [];
  for (const app of ['imds-agent', 'queue-processor']) {
    const { directory, files } = await bundleApp(path.join(root, 'apps', app), path.join(bundles, app));
    const code = await readFile(path.join(directory, 'main.cjs'));
    const whole = files.reduce((sum, { bytes }) => sum + bytes, 0);
    sizes.push(
      { name: `apps/${app}: main.cjs`, kib: code.length / KIB, gzipKib: gzipSync(code).length / KIB },
      { name: `apps/${app}: all files`, kib: whole / KIB, gzipKib: undefined },
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
