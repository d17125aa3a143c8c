import type { World } from './world.ts';

/** What is still to be done about the interruptions of a world, in words; empty when all is done. */
export function unsettled({ interruptions, sandbox, record }: World): readonly string[] {
  const { sqs, autoScaling } = sandbox.aws;
  const waiting = new Set(
    autoScaling
      .actions()
      .filter(({ state }) => state === 'waiting')
      .map(({ token }) => token),
  );
  return interruptions.flatMap(({ node, messageId, token }) => {
    const left: string[] = [];
    if (record.cordonedAt(node) === undefined) left.push(`${node} is not cordoned`);
    else if (record.emptyAt(node) === undefined) left.push(`${node} still has pods`);
    if (messageId !== undefined && sqs.message(messageId)?.deletedAt === undefined) {
      left.push(`the message about ${node} is in the queue`);
    }
    if (token !== undefined && waiting.has(token)) left.push(`the hook of ${node} waits`);
    return left;
  });
}
