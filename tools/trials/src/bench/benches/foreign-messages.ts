import { sleep, systemClock } from '@node-termination-handler/clock';
import { spotInterruptionEvent } from '@node-termination-handler/sandbox';
import type { Bench } from '../bench.ts';
import { makeNodes, openWorld } from '../programs/instance.ts';
import { startProcessor } from '../programs/start.ts';
import { waitUntil } from '../../wait.ts';

const MESSAGES = 5_000;
const OWN = 250;
const DUPLICATES = 1_750;

/** A shared queue: of 5,000 messages one in twenty is news, the others are somebody else's or said twice. */
export const foreignMessages: Bench = {
  name: 'foreign',
  title: '5,000 messages, 95 % foreign or duplicates',
  async run(context) {
    await using cluster = await context.openCluster();
    const nodes = makeNodes(OWN);
    await using aws = await openWorld(cluster, nodes);
    const own = nodes.map(({ instanceId }) => JSON.stringify(spotInterruptionEvent(instanceId)));
    const foreign = Array.from({ length: MESSAGES - OWN - DUPLICATES }, (_, index) =>
      JSON.stringify(spotInterruptionEvent(`i-${index.toString(16).padStart(17, 'f')}`)),
    );
    const duplicates = Array.from({ length: DUPLICATES }, (_, index) => own[index % OWN] ?? '');
    const bodies = shuffled([...own, ...foreign, ...duplicates]);
    for (const body of bodies) await aws.sqs.send(body);

    const beganAt = systemClock.monotonic();
    await using program = startProcessor('ours', cluster, aws);
    const rss: number[] = [];
    const isEmpty = async () => {
      rss.push(program.residentMiB);
      const { visible, inFlight } = await aws.sqs.depth();
      return visible + inFlight === 0;
    };
    const ended = await program.during(waitUntil(isEmpty, 180_000, 100));
    const seconds = (systemClock.monotonic() - beganAt) / 1000;
    await sleep(systemClock, 2_000);
    const left = await aws.sqs.depth();
    context.report(ended ? 'the queue is empty' : `${left.visible + left.inFlight} messages are left`);
    return {
      figures: [
        {
          id: 'foreign.rate',
          title: '5,000 messages, 95 % foreign or duplicates',
          unit: 'messages/s',
          ours: MESSAGES / seconds,
        },
        { id: 'foreign.peak', title: '… most memory', unit: 'MiB', ours: program.peakMiB, target: 256 },
        { id: 'foreign.rss', title: '… memory 2 s after', unit: 'MiB', ours: program.residentMiB },
        {
          id: 'foreign.describes',
          title: '… DescribeInstances',
          unit: 'calls',
          ours: aws.calls('ec2', 'DescribeInstances').length,
        },
      ],
      samples: { rssMiB: rss },
    };
  },
};

function shuffled(bodies: readonly string[]): readonly string[] {
  return bodies
    .map((body) => ({ body, order: Math.random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ body }) => body);
}
