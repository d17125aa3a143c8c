import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PublishedPackage } from '../published.ts';
import { runCommand } from '../run-command.ts';

/** A library as npm would publish it. */
export interface Packed {
  readonly tarball: Uint8Array;
  /** Paths in the package. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Packs a library as `npm publish` would. */
export async function pack({ folder }: PublishedPackage): Promise<Packed> {
  const destination = await mkdtemp(path.join(tmpdir(), 'nth-pack-'));
  try {
    const text = await runCommand('npm', ['pack', '--json', '--pack-destination', destination], { cwd: folder });
    const [packed] = JSON.parse(text) as { filename: string; size: number; files: { path: string }[] }[];
    if (packed === undefined) throw new Error(`npm pack made nothing of ${folder}`);
    const tarball = await readFile(path.join(destination, packed.filename));
    return { tarball, files: packed.files.map((file) => file.path).sort(), bytes: packed.size };
  } finally {
    await rm(destination, { recursive: true });
  }
}
