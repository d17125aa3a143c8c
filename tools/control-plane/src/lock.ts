import { sleep, systemClock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';

/** How {@link withLock} waits. */
interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Pause between looks at somebody else's lock. Default 250. */
  readonly pollIntervalMs?: number;
  /** Called once when somebody else holds the lock. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Runs a task while holding a lock file, so that two processes don't do the same work at once. The file holds the owner's process id:
 * a lock whose owner is dead is taken over.
 *
 * @throws the signal's reason when it aborts while waiting.
 */
export async function withLock<T>(path: string, task: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  let said = false;
  while (!(await tryAcquire(path))) {
    if (!said) options.onWait?.();
    said = true;
    await sleep(systemClock, options.pollIntervalMs ?? 250, options.signal);
  }
  try {
    return await task();
  } finally {
    await rm(path, { force: true });
  }
}

/** The lock appears with its content in one step (a hard link), so nobody ever reads half a process id. */
async function tryAcquire(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    await removeIfOrphaned(path);
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeIfOrphaned(path: string): Promise<void> {
  try {
    const before = await stat(path);
    const owner = Number(await readFile(path, 'utf8'));
    if (isAlive(owner)) return;
    // Moving it away first: of two waiters that both saw the dead owner, the second must not remove the first one's new lock.
    const aside = `${path}.${randomUUID()}`;
    await rename(path, aside);
    const moved = await stat(aside);
    if (moved.ino === before.ino) await rm(aside, { force: true });
    else await rename(aside, path);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
