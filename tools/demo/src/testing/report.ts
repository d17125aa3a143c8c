import { seededRandom } from '@node-termination-handler/sandbox';
import type { NodeTimeline, Scene } from '../observe/timeline.ts';
import type { DemoReport } from '../page/page.ts';

/** A node's timeline, whole unless fields say otherwise. Moments are ms after the epoch's 1,000,000. */
export function timeline(fields: Partial<NodeTimeline> = {}): NodeTimeline {
  return {
    node: 'ip-10-0-1-1.ec2.internal',
    scene: 'spot',
    noticeAt: 1_000_000,
    cordonedAt: 1_000_100,
    drainedAt: 1_004_000,
    hookCompletedAt: undefined,
    deadlineAt: 1_030_000,
    podsTotal: 4,
    podsLeft: 0,
    podsEvicted: 4,
    podMoments: [
      { at: 1_001_000, left: 3 },
      { at: 1_002_000, left: 2 },
      { at: 1_003_000, left: 1 },
      { at: 1_004_000, left: 0 },
    ],
    blocked: [],
    ...fields,
  };
}

function played(index: number, scene: Scene, random: () => number): NodeTimeline {
  const noticeAt = 1_000_000 + (scene === 'spot' ? 0 : scene === 'rebalance' ? 1500 : 3000);
  const cordonedAt = noticeAt + 60 + random() * 200;
  const isHeld = scene === 'lifecycle' && index % 5 === 1;
  const podsTotal = 8;
  const moments = Array.from({ length: podsTotal }, () => cordonedAt + 300 + random() * 5000).sort((a, b) => a - b);
  if (isHeld) moments.splice(-1, 1, cordonedAt + 10_500 + random() * 1500);
  const drainedAt = moments.at(-1) ?? cordonedAt;
  return timeline({
    node: `ip-10-0-${scene === 'lifecycle' ? 2 : 1}-${index + 10}.ec2.internal`,
    scene,
    noticeAt,
    cordonedAt,
    drainedAt,
    hookCompletedAt: scene === 'lifecycle' ? drainedAt + 40 : undefined,
    deadlineAt: noticeAt + 30_000,
    podsTotal,
    podsEvicted: podsTotal,
    podMoments: moments.map((at, gone) => ({ at, left: podsTotal - gone - 1 })),
    blocked: isHeld ? [{ from: cordonedAt + 80, to: cordonedAt + 9000 }] : [],
  });
}

/** A report as a whole demo makes it: 22 nodes, some of them held up by a budget. */
export function wholeReport(): DemoReport {
  const random = seededRandom(7);
  const timelines = [
    played(0, 'spot', random),
    played(1, 'rebalance', random),
    ...Array.from({ length: 20 }, (_, index) => played(index, 'lifecycle', random)),
  ];
  return {
    timelines,
    findings: [
      { claim: 'every node is drained', holds: true, evidence: '22 of 22' },
      { claim: 'every lifecycle hook is completed with CONTINUE', holds: true, evidence: '20 of 20' },
    ],
    poison: { sentAt: 1_003_010, receivedAt: 1_003_030, deletedAt: 1_003_180 },
    startedAt: 1_000_000,
    endedAt: 1_016_000,
  };
}
