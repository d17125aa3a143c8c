import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import { expect, it, vi } from 'vitest';
import { createFreshNodes } from './fresh-nodes.ts';

const ID = 'i-0123456789abcdef0';

it('shares one list among those who ask together, and makes a new one for those who ask later', async () => {
  const clock = new VirtualClock();
  const items = [{ metadata: { name: 'node-1' }, spec: { providerID: `aws:///eu-west-1a/${ID}` } }];
  const request = vi.fn(() => Promise.resolve({ items }));
  const { signal } = new AbortController();
  const freshNodes = createFreshNodes({ request } as unknown as KubernetesClient, clock, signal);
  const found = await clock.run(Promise.all([freshNodes({ instanceId: ID }), freshNodes({ instanceId: 'i-2' })]));
  expect(found.map((nodes) => nodes.map(({ name }) => name))).toEqual([['node-1'], []]);
  expect(request).toHaveBeenCalledTimes(1);
  await clock.run(freshNodes({ instanceId: ID }));
  expect(request).toHaveBeenCalledTimes(2);
  request.mockRejectedValueOnce(new Error('down'));
  await expect(clock.run(freshNodes({ instanceId: ID }))).rejects.toThrow('down');
});
