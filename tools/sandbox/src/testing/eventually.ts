import { vi } from 'vitest';

/** Waits until something is so, however busy the machine is. */
export function eventually(isSo: () => boolean): Promise<true> {
  return vi.waitUntil(isSo, { timeout: 20_000, interval: 5 });
}
