import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../program.ts';
import type { Bench } from '../bench.ts';
import { median } from '../figures.ts';

const RUNS = 5;

/** The entry that is used of packages that have none of their own. */
const ENTRIES: Readonly<Record<string, string>> = { '@noble/hashes': '@noble/hashes/sha2.js' };

/** Says, as JSON, what the process holds after it has loaded a module, and how long that took. */
const SCRIPT = `
const from = performance.now();
const name = process.argv[1];
if (name !== undefined) await import(name);
const ms = performance.now() - from;
globalThis.gc();
console.log(JSON.stringify({ ms, mib: process.memoryUsage.rss() / 2 ** 20 }));
`;

interface Loaded {
  readonly ms: number;
  readonly mib: number;
}

/** What each dependency costs that is loaded from its own files; a bundle shakes some of it out. */
export const dependencies: Bench = {
  name: 'dependencies',
  title: 'what each dependency costs to load',
  async run() {
    const names = await externalDependencies();
    const empty = await load(undefined);
    const lines: string[][] = [];
    for (const { name, folder } of names) {
      const { ms, mib } = await load(ENTRIES[name] ?? name, folder);
      lines.push([name, (mib - empty.mib).toFixed(1), (ms - empty.ms).toFixed(0)]);
    }
    lines.sort((one, other) => Number(other[1]) - Number(one[1]));
    return { figures: [], tables: { 'what each dependency costs to load': [['dependency', 'MiB', 'ms'], ...lines] } };
  },
};

interface Dependency {
  readonly name: string;
  /** The package that depends on it. */
  readonly folder: string;
}

/** Every package from outside that a library or program depends on. */
async function externalDependencies(): Promise<readonly Dependency[]> {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string> }>;
  };
  const found = new Map<string, string>();
  for (const [folder, { dependencies: names = {} }] of Object.entries(lock.packages)) {
    if (!/^(libs|apps)\/[^/]+$/.test(folder)) continue;
    for (const name of Object.keys(names)) if (!name.startsWith('@node-termination-handler/')) found.set(name, folder);
  }
  return [...found]
    .map(([name, folder]) => ({ name, folder }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

async function load(name: string | undefined, folder = '.'): Promise<Loaded> {
  const all: Loaded[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const args = ['--expose-gc', '--input-type=module', '-e', SCRIPT, ...(name === undefined ? [] : [name])];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: path.join(root, folder) });
    all.push(JSON.parse(stdout) as Loaded);
  }
  return { ms: median(all.map(({ ms }) => ms)), mib: median(all.map(({ mib }) => mib)) };
}
