import { timeout } from '../status.ts';
import type { Store } from '../store/store.ts';

/**
 * Waits until the store has come to a revision, as a server does that is asked for what it has not seen yet.
 * @throws {ApiError} 504 when it does not come in time.
 */
export async function waitForRevision(store: Store, revision: number, timeoutMs: number): Promise<void> {
  if (store.revision >= revision) return;
  await new Promise<void>((resolve, reject) => {
    const stop = store.onChange(() => {
      if (store.revision < revision) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
    const timer = setTimeout(() => {
      stop();
      const message = 'Too large resource version';
      const causes = [{ reason: 'ResourceVersionTooLarge', message }];
      reject(timeout(`${message}: ${revision}, current: ${store.revision}`, { causes, retryAfterSeconds: 1 }));
    }, timeoutMs);
  });
}
