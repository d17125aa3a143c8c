import { sleep, systemClock } from '@node-termination-handler/clock';
import { spotInterruptionEvent } from '@node-termination-handler/sandbox';
import { andAlso } from '../../case.ts';
import type { Finding } from '../../case.ts';
import { waitUntil } from '../../wait.ts';
import { finish, scene, untilAtWork } from '../course.ts';
import type { World } from '../world.ts';
import { fuzzedBodies, WRITTEN } from './hostile-bodies.ts';
import type { Case } from '../../case.ts';

const group = 'hostile input';
const SEED = 1;
const DOCUMENTS = [
  'meta-data/spot/instance-action',
  'meta-data/events/maintenance/scheduled',
  'meta-data/events/recommendations/rebalance',
];

/** Lines of a log that are none of the program's: what somebody's text made of one. */
function strangeLines(world: World): readonly string[] {
  const lines = world.programs.flatMap((program) => program.output.split('\n'));
  const strange = lines.filter((line) => line !== '' && !line.startsWith('{"level":'));
  const fatal = world.programs.flatMap((program) => program.log).filter(({ level }) => level === 'fatal');
  return [
    ...strange.map((line) => `a line that is no log line: ${line.slice(0, 200)}`),
    ...fatal.map(({ message }) => `a fatal line: ${message}`),
  ];
}

async function andStrangeLines(world: World, finding: Promise<Finding>): Promise<Finding> {
  return andAlso(await finding, strangeLines(world));
}

/** An instance that EC2 does not know may be known later: its message ends only where that is asked for. */
const NOT_FOUND_ENDS = { DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'true' };

/** What somebody who may write to the queue, or stands where the metadata should be, sends. */
export const hostileScenes: readonly Case[] = [
  scene(
    group,
    '500 fuzzed and 15 written bodies through the queue (queue-processor)',
    { going: 1, imds: false },
    async (world) => {
      const { sqs } = world.sandbox.aws;
      world.start('queue-processor', { env: NOT_FOUND_ENDS });
      await untilAtWork(world);
      const sent = await Promise.all([...WRITTEN, ...fuzzedBodies(SEED, 500)].map((body) => sqs.send(body)));
      await world.interrupt(world.first, 'lifecycle');
      const endedAt = systemClock.monotonic();
      const open = () => sent.filter((id) => sqs.message(id)?.deletedAt === undefined).length;
      const areEnded = await waitUntil(() => open() === 0, 60_000);
      const finding = await andStrangeLines(world, finish(world, { endedAt, boundSeconds: 30 }));
      return andAlso(finding, areEnded ? [] : [`${open()} messages never ended`]);
    },
  ),
  scene(group, '200 fuzzed and 15 written documents in the metadata (imds-agent)', { going: 1 }, async (world) => {
    const { first: node } = world;
    const imds = world.sandbox.imdsOf(node);
    world.start('imds-agent', { env: { ENABLE_REBALANCE_MONITORING: 'true' } });
    await untilAtWork(world);
    const bodies = [...WRITTEN, ...fuzzedBodies(SEED, 200)];
    for (const [index, body] of bodies.entries()) {
      imds.set(DOCUMENTS[index % DOCUMENTS.length] ?? '', body);
      await sleep(systemClock, 50);
    }
    for (const path of DOCUMENTS) imds.set(path, undefined);
    await world.interrupt(node, 'metadata');
    return await andStrangeLines(world, finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 }));
  }),
  scene(group, 'messages for nodes that are not ours (queue-processor)', { going: 2, imds: false }, async (world) => {
    const { aws, instanceIdOf } = world.sandbox;
    const { first: ours, second: untagged } = world;
    // An instance without the tag, one that does not exist, one of another name, and paths in place of an id.
    aws.ec2.setTags(instanceIdOf(untagged), {});
    world.start('queue-processor', { env: NOT_FOUND_ENDS });
    await untilAtWork(world);
    const ids = [instanceIdOf(untagged), 'i-00000000000000bad', '', `${instanceIdOf(ours)}/../x`, '*'];
    const sent = await Promise.all(ids.map((id) => aws.sqs.send(JSON.stringify(spotInterruptionEvent(id)))));
    const areEnded = await waitUntil(() => sent.every((id) => aws.sqs.message(id)?.deletedAt !== undefined), 20_000);
    await world.interrupt(ours, 'spot');
    const finding = await andStrangeLines(world, finish(world, { endedAt: systemClock.monotonic(), boundSeconds: 10 }));
    return andAlso(finding, areEnded ? [] : ['a spoofed message never ended']);
  }),
];
