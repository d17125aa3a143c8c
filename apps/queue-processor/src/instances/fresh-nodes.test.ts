import { VirtualClock } from '@node-termination-handler/clock/virtual';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import { expect, it, vi } from 'vitest';
import { createFreshNodes } from './fresh-nodes.ts';

const ID = 'i-0123456789abcdef0';
const joined = { metadata: { name: 'node-1' }, spec: { providerID: `aws:///eu-west-1a/${ID}` } };

function setUp(answer: (call: { readonly verb: string; readonly name?: string }) => unknown) {
  const clock = new VirtualClock();
  const request = vi.fn((call: { readonly verb: string; readonly name?: string }) => Promise.resolve(answer(call)));
  const { signal } = new AbortController();
  return { clock, request, freshNodes: createFreshNodes({ request } as unknown as KubernetesClient, clock, signal) };
}

it('shares one list among those who ask together, and makes a new one for those who ask later', async () => {
  const { clock, request, freshNodes } = setUp(() => ({ items: [joined] }));
  const found = await clock.run(Promise.all([freshNodes({ instanceId: ID }), freshNodes({ instanceId: 'i-2' })]));
  expect(found.map((nodes) => nodes.map(({ name }) => name))).toEqual([['node-1'], []]);
  expect(request).toHaveBeenCalledTimes(1);
  await clock.run(freshNodes({ instanceId: ID }));
  expect(request).toHaveBeenCalledTimes(2);
  request.mockRejectedValueOnce(new Error('down'));
  await expect(clock.run(freshNodes({ instanceId: ID }))).rejects.toThrow('down');
});

it('reads a node by its name where that is known, and lists where it is another instance’s (A13)', async () => {
  const { clock, request, freshNodes } = setUp(({ verb }) => (verb === 'get' ? joined : { items: [joined] }));
  const found = await clock.run(freshNodes({ instanceId: ID, name: 'node-1' }));
  expect([found.map(({ name }) => name), request.mock.calls.map(([{ verb }]) => verb)]).toEqual([['node-1'], ['get']]);
  await clock.run(freshNodes({ instanceId: 'i-00000000000000002', name: 'node-1' }));
  expect(request.mock.calls.map(([{ verb }]) => verb)).toEqual(['get', 'get', 'list']);
});
