import { setTimeout as sleep } from 'node:timers/promises';

/** Lets so many through a second, and a few at once. */
export function createThrottle(perSecond: number, burst: number): () => Promise<void> {
  let tokens = burst;
  let at = performance.now();
  return async () => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond) - 1;
    at = now;
    if (tokens < 0) await sleep((-tokens / perSecond) * 1000);
  };
}
