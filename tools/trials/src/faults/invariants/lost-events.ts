import type { World } from '../world.ts';

/** An event is lost when its message is gone, or never came to an end, without its drain: section 8 of the behaviour. */
export function lostEvents({ interruptions, record, sandbox }: World): readonly string[] {
  return interruptions.flatMap(({ node, messageId, way }) => {
    const found: string[] = [];
    const emptyAt = record.emptyAt(node);
    const cordonedAt = record.cordonedAt(node);
    if (cordonedAt === undefined) found.push(`event lost: ${node} was never cordoned after ${way}`);
    else if (emptyAt === undefined) found.push(`event lost: ${node} was never drained after ${way}`);
    const message = messageId === undefined ? undefined : sandbox.aws.sqs.message(messageId);
    if (messageId !== undefined && message?.deletedAt === undefined) {
      found.push(`event never ended: the message about ${node} is still in the queue`);
    }
    const deletedAt = message?.deletedAt;
    if (deletedAt !== undefined && (emptyAt === undefined || deletedAt < emptyAt)) {
      found.push(`event lost: the message about ${node} was deleted before its drain was done`);
    }
    return found;
  });
}
