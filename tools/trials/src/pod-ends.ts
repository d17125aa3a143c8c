import type { Evidence } from './evidence.ts';

/** What is kept free before an end, in ms, and what moments lose when they are written in whole seconds. */
const MARGIN_MS = 2000;
const ROUNDING_MS = 1000;

/** When the instance of a node goes, by the event that says the earliest; `Infinity` when none says. */
function endOf({ interruptions }: Evidence, node: string): number {
  const named = interruptions.filter((one) => one.node === node);
  return Math.min(...named.map(({ deadlineAt = Infinity }) => deadlineAt));
}

/** Pods that were deleted, or given less than their grace, before it had to be. */
export function brokenBudgets(evidence: Evidence, earlyMs = 0): readonly string[] {
  const deletions = evidence.requests.filter(
    ({ verb, resource, subresource, code, dryRun }) =>
      verb === 'delete' && resource === 'pods' && subresource === '' && code < 400 && code > 0 && !dryRun,
  );
  return evidence.pods.flatMap((pod) => {
    const {
      name,
      node,
      isDaemon,
      hasEnded = false,
      graceSeconds = 0,
      signal,
      cameAt = -Infinity,
      goneAt = Infinity,
    } = pod;
    if (isDaemon || hasEnded) return [];
    const lastGraceful = endOf(evidence, node) - MARGIN_MS - graceSeconds * 1000;
    const isShort = signal !== undefined && signal.graceSeconds < graceSeconds;
    const moments = [
      // Another may have had the name before, or have it since.
      ...deletions
        .filter((request) => request.name === name && request.at >= cameAt && request.at <= goneAt)
        .map(({ at }) => ({ at, what: 'deleted' })),
      ...(isShort ? [{ at: signal.at, what: `given ${signal.graceSeconds} s of ${graceSeconds}` }] : []),
    ];
    return moments
      .filter(({ at }) => at < lastGraceful - ROUNDING_MS - earlyMs)
      .map(({ at, what }) => {
        const early =
          lastGraceful === Infinity ? 'and nobody has said when' : `${lastGraceful - at} ms before it had to be,`;
        return `${name} was ${what}, ${early} ${node} goes`;
      });
  });
}

/** How long after its last graceful moment a pod may be told to end, in ms, where a case does not say. */
const LATE_MS = 5000;

/** Pods of instances that go that were not told while there was time, or taken away while they ran. */
export function missingSignals(evidence: Evidence, lateMs = LATE_MS): readonly string[] {
  return evidence.pods.flatMap((pod) => {
    const {
      name,
      node,
      isDaemon,
      hasEnded = false,
      graceSeconds,
      signal,
      goneAt,
      isLost = false,
      isInvited = false,
      isLate = false,
      cameAt = -Infinity,
    } = pod;
    if (isDaemon || hasEnded || isInvited || isLate || graceSeconds === undefined) return [];
    if (signal?.graceSeconds === 0 || (signal === undefined && goneAt !== undefined && !isLost)) {
      return [`${name} was taken away while it ran`];
    }
    const end = endOf(evidence, node);
    const told = evidence.interruptions.filter((one) => one.node === node).map(({ at = -Infinity }) => at);
    const lastGraceful = Math.max(end - MARGIN_MS - graceSeconds * 1000, Math.min(...told), cameAt);
    const due = Math.min(end - 1000, lastGraceful + lateMs);
    if ((signal?.at ?? Infinity) <= due || due >= evidence.judgedAt) return [];
    const when = signal === undefined ? 'was never told to end' : `was told to end ${signal.at - due} ms too late`;
    return [`${name} ${when}, and its instance goes`];
  });
}

/** So long before its end work on a node waits for no place any more, in ms; of what a hook holds, too. */
const URGENT_MS = 120_000;
/** Work on a node has time while its end is further away than this, in ms. */
const HAS_TIME_MS = 600_000;

/** How long a burst of cordons, and a request that fails, keep the work on a node from its begin, in ms. */
export const WAIT_MS = 10_000;

/** Nodes that were about to go, and of whose pods none was asked to go while those of nodes were that have time. */
export function overtakenNodes(evidence: Evidence, withinMs = WAIT_MS): readonly string[] {
  const { interruptions, pods, requests, cordonedAt } = evidence;
  const asked = requests
    .filter(({ verb, resource, subresource, dryRun }) => {
      const isAsking = subresource === 'eviction' || (verb === 'delete' && subresource === '');
      return resource === 'pods' && isAsking && !dryRun;
    })
    .flatMap(({ name, at }) =>
      // Another may have had the name before, or have it since.
      pods
        .filter((pod) => pod.name === name && (pod.cameAt ?? 0) <= at && at <= (pod.goneAt ?? Infinity))
        .map(({ node }) => ({ node, at })),
    );
  return [...new Set(interruptions.map(({ node }) => node))].flatMap((node) => {
    const end = endOf(evidence, node);
    const told = interruptions.filter((one) => one.node === node && one.deadlineAt === end).map(({ at = 0 }) => at);
    const from = Math.max(end - URGENT_MS, cordonedAt(node) ?? Infinity, ...told);
    const mustGo = pods.filter(({ node: on, isDaemon, hasEnded = false, isInvited = false, ...pod }) => {
      const { cameAt = 0, signal, goneAt = Infinity } = pod;
      return on === node && !isDaemon && !hasEnded && !isInvited && cameAt < from && (signal?.at ?? goneAt) > from;
    });
    const begun = asked.filter((one) => one.node === node).map(({ at }) => at);
    // Those that have left by themselves, as of a Deployment that is rolled, wait for nobody.
    const lastTold = Math.max(from, ...mustGo.map(({ signal, goneAt = Infinity }) => signal?.at ?? goneAt));
    const waitedUntil = Math.min(end, lastTold, ...begun);
    const other = asked.find((one) => {
      return one.at > from + withinMs && one.at < waitedUntil && endOf(evidence, one.node) > one.at + HAS_TIME_MS;
    });
    return other === undefined ? [] : [`no pod of ${node} was asked to go while those of ${other.node} were`];
  });
}

/** Who completes a hook has looked at the pods a moment before: one that comes after that look is seen by nobody, in ms. */
const LOOKED_WITHIN_MS = 5000;

/** Hooks that were completed while pods were there. */
export function earlyHooks({ actions, pods, emptyAt }: Evidence): readonly string[] {
  return actions.flatMap(({ node, state, endedAt = 0 }) => {
    if (state !== 'completed') return [];
    if (endedAt < (emptyAt(node, endedAt) ?? Infinity)) return [`the action of ${node} ended before its pods had`];
    return pods
      .filter((pod) => pod.node === node && pod.isLate === true && !pod.isDaemon)
      .filter(({ cameAt = 0, goneAt = Infinity }) => cameAt < endedAt - LOOKED_WITHIN_MS && goneAt > endedAt)
      .map(({ name }) => `the action of ${node} ended, and ${name} had come`);
  });
}
