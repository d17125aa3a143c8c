import type { DeliveryResult } from '../options.ts';

/** Collects what a notifier says of its deliveries. */
export interface Results {
  readonly all: DeliveryResult[];
  readonly onResult: (result: DeliveryResult) => void;
  /** Resolves once that many have come. */
  count(number: number): Promise<DeliveryResult[]>;
}

/** Creates a collector to be handed to a notifier as `onResult`. */
export function collectResults(): Results {
  const all: DeliveryResult[] = [];
  const awaited: { readonly number: number; readonly resolve: () => void }[] = [];
  return {
    all,
    onResult(result) {
      all.push(result);
      for (const { number, resolve } of awaited) if (all.length >= number) resolve();
    },
    async count(number) {
      if (all.length < number) await new Promise<void>((resolve) => awaited.push({ number, resolve }));
      return all;
    },
  };
}
