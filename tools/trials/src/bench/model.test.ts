import { describe, expect, it } from 'vitest';
import { costsFrom, pointOf, predict } from './model.ts';

const small = { nodes: 100, pods: 1_000, requests: 1_400, cpuMs: 1_500, peakMiB: 100 };
const large = { nodes: 300, pods: 3_000, requests: 4_200, cpuMs: 3_500, peakMiB: 120 };
const costs = costsFrom(small, large);

describe('the model of a burst', () => {
  it('goes through the points that it is made of', () => {
    expect(pointOf(costs, 100, 1_000)).toEqual(small);
    expect(pointOf(costs, 300, 3_000)).toEqual(large);
    expect(costs).toMatchObject({
      requestsPerNode: 14,
      cpuMsPerPod: 1,
      startCpuMs: 500,
      mibPerNode: 0.1,
      startMiB: 90,
    });
  });

  it('has no memory come back with more nodes', () => {
    expect(costsFrom(small, { ...large, peakMiB: 80 })).toMatchObject({ mibPerNode: 0, startMiB: 100 });
  });

  it('shares the work among replicas, but not the API server', () => {
    const situation = { nodes: 1_000, podsPerNode: 10, replicas: 1, requestsPerSecond: 700 };
    expect(predict(costs, situation)).toEqual({
      requests: 14_000,
      apiSeconds: 20,
      cpuSeconds: 10.5,
      mibPerReplica: 190,
      limit: 'API server',
    });
    expect(predict(costs, { ...situation, replicas: 10 })).toMatchObject({
      apiSeconds: 20,
      cpuSeconds: 1.5,
      mibPerReplica: 100,
    });
  });

  it('names the program where the server has time', () => {
    const situation = { nodes: 1_000, podsPerNode: 10, replicas: 1, requestsPerSecond: 5_000 };
    expect(predict(costs, situation).limit).toBe('CPU');
  });
});
