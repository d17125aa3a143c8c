import type { MessagesInWork } from './in-work.ts';
import type { Queue } from './queue.ts';

/** What keeping messages invisible needs. */
export interface KeepInvisibleOptions {
  readonly visibilityTimeoutSeconds: number;
  readonly onFailed: (error: unknown) => void;
}

/**
 * Extends the visibility timeout of every message in work, so that a drain longer than the timeout is never received twice.
 *
 * Extended at a third of the timeout: two extensions may fail before a message is seen again.
 */
export function keepInvisible(queue: Queue, inWork: MessagesInWork, options: KeepInvisibleOptions): Disposable {
  const extend = async (): Promise<void> => {
    await Promise.all(
      inWork.list().map(async (message) => {
        try {
          await queue.changeVisibility(message, options.visibilityTimeoutSeconds);
        } catch (error) {
          options.onFailed(error);
        }
      }),
    );
  };
  const timer = setInterval(() => void extend(), (options.visibilityTimeoutSeconds * 1000) / 3);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
