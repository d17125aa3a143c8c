import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../../..');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly implicitDependencies?: readonly string[] };
}

async function manifests(): Promise<readonly Manifest[]> {
  const all: Manifest[] = [];
  for await (const file of glob('{libs,apps,tools}/*/package.json', { cwd: root })) {
    all.push(JSON.parse(await readFile(path.join(root, file), 'utf8')) as Manifest);
  }
  return all;
}

/** The package and all that need it, directly or not, by what the manifests say. */
function withDependents(name: string, all: readonly Manifest[]): readonly string[] {
  const found = new Set([name]);
  for (const one of found) {
    for (const { name: other, dependencies = {}, devDependencies = {}, nx } of all) {
      if (one in dependencies || one in devDependencies || nx?.implicitDependencies?.includes(one)) found.add(other);
    }
  }
  return [...found].sort();
}

async function affectedBy(file: string): Promise<readonly string[]> {
  const nx = path.join(root, 'node_modules/.bin/nx');
  const args = ['show', 'projects', '--affected', `--files=${file}`, '--json'];
  const { stdout } = await promisify(execFile)(nx, args, { cwd: root, env: { ...process.env, NX_DAEMON: 'false' } });
  return (JSON.parse(stdout) as string[]).sort();
}

describe('a change in one library', () => {
  it.each(['imds-client', 'webhook-notifier', 'event-parsers'])(
    'makes nx affected choose it and its dependents, and nothing else: %s',
    async (library) => {
      const expected = withDependents(`@node-termination-handler/${library}`, await manifests());
      expect(expected.length).toBeGreaterThan(1);
      expect(await affectedBy(`libs/${library}/src/index.ts`)).toEqual(expected);
    },
    60_000,
  );
});
