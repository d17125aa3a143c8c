import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { root } from '../program.ts';
import type { MutationName } from './mutations/mutations.ts';
import type { Delivery, Order, WorkerData } from './worker.ts';

/**
 * Plays on a thread of its own, which is taken over for good: one order after the other.
 *
 * @param next - Gives the next order, and is told what came of the one before; `undefined` ends it.
 * @param mutation - With which the programs are loaded there. Default: as they are.
 */
export async function playOnThread(
  next: (delivery: Delivery | undefined) => Order | undefined,
  mutation?: MutationName,
): Promise<void> {
  const workerData: WorkerData = { mutation, root };
  const worker = new Worker(path.join(import.meta.dirname, 'worker.ts'), {
    execArgv: ['-C', '@node-termination-handler/source'],
    // Much is made in a play, and hardly anything kept: fewer collections take a fifth off its time.
    resourceLimits: { maxYoungGenerationSizeMb: 256 },
    workerData,
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  worker.on('error', reject);
  worker.on('message', (delivery: Delivery | 'ready') => {
    const order = next(delivery === 'ready' ? undefined : delivery);
    if (order === undefined) resolve(undefined);
    else worker.postMessage(order);
  });
  try {
    await promise;
  } finally {
    await worker.terminate();
  }
}
