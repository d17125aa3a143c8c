import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every 20 ms until something is so; false when the time is over first. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > timeoutMs) return false;
    await sleep(20);
  }
  return true;
}
