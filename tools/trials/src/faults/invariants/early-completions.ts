import type { World } from '../world.ts';

/** A hook must be completed, with CONTINUE, and never before its node is drained. */
export function earlyCompletions({ interruptions, record, sandbox }: World): readonly string[] {
  const actions = new Map(sandbox.aws.autoScaling.actions().map((action) => [action.token, action]));
  return interruptions.flatMap(({ node, token }) => {
    const action = token === undefined ? undefined : actions.get(token);
    if (token === undefined) return [];
    if (action?.state !== 'completed' || action.result !== 'CONTINUE') {
      return [`hook not completed: the action of ${node} is ${action?.state ?? 'unknown'} ${action?.result ?? ''}`];
    }
    const emptyAt = record.emptyAt(node);
    const isEarly = emptyAt === undefined || (action.endedAt ?? 0) < emptyAt;
    return isEarly ? [`hook completed early: the action of ${node} ended before its pods had`] : [];
  });
}
