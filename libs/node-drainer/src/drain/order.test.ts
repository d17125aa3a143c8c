import { describe, expect, it } from 'vitest';
import { aPodSummary } from '../testing/objects.ts';
import { groupOf, latestStartMs } from './order.ts';

const NOW = 1_000_000;

describe('the order', () => {
  it('puts critical pods last', () => {
    expect(groupOf(aPodSummary())).toBe('ordinary');
    expect(groupOf(aPodSummary({ priorityClassName: 'my-important-class' }))).toBe('ordinary');
    expect(groupOf(aPodSummary({ priorityClassName: 'system-cluster-critical' }))).toBe('critical');
    expect(groupOf(aPodSummary({ priorityClassName: 'system-node-critical' }))).toBe('critical');
  });

  it('puts the pods of DaemonSets at the very end', () => {
    expect(groupOf(aPodSummary({ controller: 'DaemonSet', priorityClassName: 'system-node-critical' }))).toBe('daemon');
  });

  it('puts those who drain the node behind everybody', () => {
    const me = ({ ref }: { readonly ref: { readonly name: string } }) => ref.name === 'me';
    for (const shape of [{}, { controller: 'DaemonSet' }, { priorityClassName: 'system-cluster-critical' }] as const) {
      expect(groupOf(aPodSummary({ ...shape, name: 'me' }), me)).toBe('last');
      expect(groupOf(aPodSummary({ ...shape, name: 'web' }), me)).toBe(groupOf(aPodSummary(shape)));
    }
  });

  it('leaves the longest grace of the critical pods before the deadline', () => {
    expect(latestStartMs([10, 40, 20], NOW + 60_000, 2000)).toBe(NOW + 18_000);
    expect(latestStartMs([], NOW + 60_000, 2000)).toBe(NOW + 58_000);
  });
});
