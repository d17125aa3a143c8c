import { afterEach } from 'vitest';
import { startKubernetes } from '../simulator.ts';
import type { KubernetesOptions, KubernetesSimulator } from '../simulator.ts';
import { TestClient } from './client.ts';

/** A simulator and a client of it that are closed when the test is over. */
export interface Harness {
  readonly kubernetes: KubernetesSimulator;
  readonly client: TestClient;
}

const open: Harness[] = [];

afterEach(async () => {
  for (const { kubernetes, client } of open.splice(0)) {
    client.close();
    await kubernetes.close();
  }
});

/** Starts a simulator for one test. */
export async function start(options: KubernetesOptions = {}): Promise<Harness> {
  const kubernetes = await startKubernetes(options);
  const harness = { kubernetes, client: new TestClient(kubernetes) };
  open.push(harness);
  return harness;
}

/** Resolves once a condition on the store holds, looked at after every change. */
export async function until(kubernetes: KubernetesSimulator, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = kubernetes.onChange(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}
