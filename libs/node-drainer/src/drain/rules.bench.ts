import { describe, it } from 'vitest';
import { aPod } from '../testing/objects.ts';
import { summarizePod } from './pods/pod-summary.ts';
import { planPods } from './rules.ts';

const context = { ignoreDaemonSets: true, deleteEmptyDirData: true, skipPods: [], cameAfterCordon: false };
const kinds = ['ReplicaSet', 'StatefulSet', 'DaemonSet', null];

describe('pods judged and planned', () => {
  for (const count of [100, 1000, 10_000]) {
    it(`${count} of them`, async ({ bench }) => {
      const pods = Array.from({ length: count }, (_, index) =>
        aPod({ name: `pod-${index}`, controller: kinds[index % kinds.length] ?? null, emptyDir: index % 3 === 0 }),
      );
      const judged = bench(`${count} pods`, () => {
        planPods(
          pods.map((pod) => summarizePod(pod)),
          context,
          -1,
        );
      });
      await judged.run();
    });
  }
});
