import { systemClock } from '@node-termination-handler/clock';
import { spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { waitUntil } from '../../wait.ts';
import { makeNodes, openWorld, startProcessor } from '../arena.ts';
import type { Side } from '../arena.ts';
import { figure } from '../bench.ts';
import type { Bench, BenchContext } from '../bench.ts';

const MESSAGES = 5_000;
const OWN = 250;
const DUPLICATES = 1_750;
/** What a large account's events come to. */
const WANTED = 3_000;

/** A shared queue: of 5,000 messages one in twenty is news, the others are somebody else's or said twice. */
export const foreignMessages: Bench = {
  name: 'foreign',
  title: '5,000 messages, 95 % foreign or duplicates',
  async run(context) {
    const floor = await measureQueue(context, 'floor');
    const ours = await measureQueue(context, 'ours');
    return {
      figures: [
        figure('foreign.rate', '5,000 messages, 95 % foreign or duplicates', 'messages/s', ours.rate, {
          floor: [floor.rate],
        }),
        figure('foreign.peak', '… most memory', 'MiB', ours.peakMiB, { target: 150 }),
        figure('foreign.describes', '… DescribeInstances', 'calls', ours.describes),
      ],
      tables: {
        'messages a second': [
          ['', 'messages a second', `replicas for ${WANTED.toLocaleString('en')} a second`],
          ...Object.entries({ floor, ours }).map(([who, { rate }]) => [
            who,
            rate.toFixed(0),
            String(Math.ceil(WANTED / rate)),
          ]),
        ],
      },
    };
  },
};

async function measureQueue(context: BenchContext, side: Side) {
  await using cluster = await context.openCluster();
  const nodes = makeNodes(OWN);
  await using aws = await openWorld(cluster, nodes);
  const own = nodes.map(({ instanceId }) => JSON.stringify(spotInterruptionEvent(instanceId)));
  // Another cluster's instances in the same region: EC2 describes them, without our tag.
  const foreign = Array.from({ length: MESSAGES - OWN - DUPLICATES }, (_, index) => {
    const { instanceId } = aws.ec2.put({ instanceId: `i-${index.toString(16).padStart(17, 'f')}` });
    return JSON.stringify(spotInterruptionEvent(instanceId));
  });
  const duplicates = Array.from({ length: DUPLICATES }, (_, index) => own[index % OWN] ?? '');
  for (const body of shuffled([...own, ...foreign, ...duplicates])) await aws.sqs.send(body);

  const beganAt = systemClock.monotonic();
  await using program = startProcessor(side, cluster, aws);
  const isEmpty = async () => {
    const { visible, inFlight } = await aws.sqs.depth();
    return visible + inFlight === 0;
  };
  const ended = await program.during(waitUntil(isEmpty, 180_000, 100));
  const rate = MESSAGES / ((systemClock.monotonic() - beganAt) / 1000);
  context.report(`${side}: ${ended ? 'the queue is empty' : 'messages are left'}, ${rate.toFixed(0)} messages/s`);
  return { rate, peakMiB: program.peakMiB, describes: aws.calls('ec2', 'DescribeInstances').length };
}

function shuffled(bodies: readonly string[]): readonly string[] {
  const ordered = bodies.map((body) => ({ body, order: Math.random() })).sort((a, b) => a.order - b.order);
  return ordered.map(({ body }) => body);
}
