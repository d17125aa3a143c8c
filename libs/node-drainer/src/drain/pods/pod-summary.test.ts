import { describe, expect, it } from 'vitest';
import { aPod, aPodSummary } from '../../testing/objects.ts';
import { summarizePod } from './pod-summary.ts';

describe('the summary of a pod', () => {
  it('has Kubernetes’ defaults where the pod has none', () => {
    expect(summarizePod({})).toMatchObject({
      graceSeconds: 30,
      isCompleted: false,
      hasEmptyDir: false,
      toleratesCordon: false,
    });
  });

  it('is not terminating by a timestamp that is none', () => {
    const pod = aPod({ deletionTimestamp: 'soon' });
    expect(summarizePod(pod).terminatesAtMs).toBeUndefined();
  });

  it('of which the server says by its own clock when it ends, is believed to end within its grace from now', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    const ending = (deletionTimestamp: string) => ({ metadata: { deletionTimestamp, deletionGracePeriodSeconds: 30 } });
    expect(summarizePod(ending('2026-01-01T00:00:20Z'), now).terminatesAtMs).toBe(now + 20_000);
    expect(summarizePod(ending('2026-01-01T01:00:20Z'), now).terminatesAtMs).toBe(now + 30_000);
    expect(summarizePod(ending('2026-01-01T01:00:20Z')).terminatesAtMs).toBe(now + 3_620_000);
  });

  it.each([
    [[{ operator: 'Exists' }], true],
    [[{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }], true],
    [[{ operator: 'Exists', effect: 'NoExecute' }], false],
    [[{ key: 'team', operator: 'Exists' }], false],
  ])('knows from its tolerations %j whether it would come back', (tolerations, toleratesCordon) => {
    expect(aPodSummary({ tolerations }).toleratesCordon).toBe(toleratesCordon);
  });
});
