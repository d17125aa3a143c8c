import { sleep, systemClock } from '@node-termination-handler/clock';

/** Looks again and again until something is so; false when the time is over first. */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 20,
): Promise<boolean> {
  const endMs = systemClock.monotonic() + timeoutMs;
  while (!(await isSo())) {
    if (systemClock.monotonic() > endMs) return false;
    await sleep(systemClock, everyMs);
  }
  return true;
}

/** A look that will never say "now". */
export class HopelessError extends Error {
  override readonly name: string = 'HopelessError';
}

/**
 * Looks again and again until there is a value; a look that throws says "not yet".
 *
 * @param what what is waited for, in the error's words
 * @throws Error with the last look's error as its cause, when the time is over; a {@link HopelessError} of the look at once
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs: number,
): Promise<T> {
  let found: { readonly value: T } | undefined;
  let cause: unknown;
  const isThere = async (): Promise<boolean> => {
    try {
      cause = undefined;
      const value = await look();
      if (value !== undefined && value !== false) found = { value };
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      cause = error;
    }
    return found !== undefined;
  };
  await waitUntil(isThere, timeoutMs, 100);
  if (found === undefined) throw new Error(`timed out waiting for ${what}`, { cause });
  return found.value;
}
