import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every few milliseconds until something holds; tells whether it did before the timeout. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 10,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    if (await holds()) return true;
    await sleep(everyMs);
  }
  return false;
}
