import type { Interruption } from './interrupt.ts';
import type { World } from './world.ts';

/** What is still to be done about the interruptions of a world, in words; empty when all is done. */
export function unsettled(world: World): readonly string[] {
  return world.interruptions.flatMap((interruption) => unsettledOf(world, interruption));
}

function unsettledOf({ sandbox, record }: World, { node, messageId, token }: Interruption): readonly string[] {
  const { aws } = sandbox;
  const waiting: string[] = [];
  if (record.cordonedAt(node) === undefined) waiting.push(`${node} is not cordoned`);
  else if (record.emptyAt(node) === undefined) waiting.push(`${node} still has pods`);
  if (messageId !== undefined && aws.sqs.message(messageId)?.deletedAt === undefined) {
    waiting.push(`the message about ${node} is in the queue`);
  }
  if (token !== undefined && aws.autoScaling.actions().find((action) => action.token === token)?.state === 'waiting') {
    waiting.push(`the hook of ${node} waits`);
  }
  return waiting;
}
