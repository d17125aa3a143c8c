import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

describe('withLock', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lock-'));
    path = join(folder, 'a.lock');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('lets one task in at a time', async () => {
    let inside = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++inside);
      await readFile(path, 'utf8');
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, async () => withLock(path, task, { pollIntervalMs: 1 })));
    expect(most).toBe(1);
  });

  it('holds the owner in the file, and removes it even when the task fails', async () => {
    const task = async () => {
      expect(await readFile(path, 'utf8')).toBe(String(process.pid));
      throw new Error('no');
    };
    await expect(withLock(path, task)).rejects.toThrow('no');
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it.each(['4194305', 'nonsense', '-1'])('takes over the lock of a dead owner (%s)', async (owner) => {
    await writeFile(path, owner);
    expect(await withLock(path, async () => Promise.resolve(7), { pollIntervalMs: 1 })).toBe(7);
  });

  it('says once that it waits, and stops waiting when aborted', async () => {
    await writeFile(path, String(process.pid));
    const stop = new AbortController();
    let said = 0;
    const onWait = () => {
      said++;
      stop.abort();
    };
    const waiting = withLock(path, async () => Promise.resolve(), { signal: stop.signal, onWait });
    await expect(waiting).rejects.toThrow('abort');
    expect(said).toBe(1);
  });
});
