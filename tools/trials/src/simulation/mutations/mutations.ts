/** A change of one place in the source that takes away something on which others rely. */
export interface Mutation {
  readonly name: string;
  /** What is wrong then, in a few words. */
  readonly breaks: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly replace: string;
  /** What finds it, where it breaks no invariant: what is recorded is no longer so. */
  readonly foundBy?: 'recording';
}

const ENGINE = 'libs/interruption-handler/src';
const DRAINER = 'libs/node-drainer/src';
const PROCESSOR = 'apps/queue-processor/src';

/** What the simulation must find, each within {@link MOST_SEEDS} seeds. */
export const MUTATIONS = [
  {
    name: 'patch-without-tests',
    breaks: 'a patch tests nothing of what it rests on but the identity of its node: who writes last wins',
    file: `${DRAINER}/mark/patch.ts`,
    find: 'if (writes.length === 0) return [];',
    replace: "if (writes.length >= 0) return [test(jsonPointer('metadata', 'uid'), node.uid), ...writes];",
  },
  {
    name: 'lost-await',
    breaks: 'nobody waits for what becomes of the completion of a hook',
    file: `${ENGINE}/work/jobs.ts`,
    find: 'await complete(signal, (looking) => this.#isStillEmpty(key, looking));',
    replace: 'void complete(signal, (looking) => this.#isStillEmpty(key, looking)).catch(() => undefined);',
  },
  {
    name: 'message-deleted-early',
    breaks: 'a message goes as soon as its interruption stands in the record',
    file: `${ENGINE}/record/tasks.ts`,
    find: "if (entry.progress === 'settled') return true;",
    replace: 'return true;',
  },
  {
    name: 'message-of-failure-deleted',
    breaks: 'a message goes though what it asks for has failed',
    file: `${PROCESSOR}/message/settlement.ts`,
    find: "action: 'return',\n      outcome: retry.outcome,",
    replace: "action: 'delete',\n      outcome: retry.outcome,",
  },
  {
    name: 'hook-before-drain',
    breaks: 'a hook is completed when its node is cordoned, and not when it is drained',
    file: `${ENGINE}/work/jobs.ts`,
    find: 'await cordonFirst.quiet(signal);',
    replace: 'await this.#complete([...this.#site.hands()], signal);\n      await cordonFirst.quiet(signal);',
  },
  {
    name: 'hook-without-look',
    breaks: 'a hook is completed because the record says that the node is empty, without a look at its pods',
    file: `${ENGINE}/work/jobs.ts`,
    find: 'if (entry !== undefined && mayComplete(entry, look)) {',
    replace: 'if (entry !== undefined) {',
  },
  {
    name: 'heartbeat-late',
    breaks: 'heartbeats come when the hook waits no longer',
    file: `${PROCESSOR}/groups/heartbeat.ts`,
    find: '(timeoutMs ?? SHORTEST_TIMEOUT_MS) / 2)',
    replace: '(timeoutMs ?? SHORTEST_TIMEOUT_MS) * 1.1)',
  },
  {
    name: 'end-of-hook-too-soon',
    breaks: 'a hook ends after its timeout, whatever heartbeats may do',
    file: `${ENGINE}/record/ends.ts`,
    find: 'return Math.max(end.since + end.timeoutMs, end.extendableUntil);',
    replace: 'return end.since + end.timeoutMs;',
  },
  {
    name: 'recommendation-ends',
    breaks: 'a recommendation has an end, before which pods are hurried',
    file: `${ENGINE}/policy/end.ts`,
    find: "return { kind: 'open', why: 'recommendation' };",
    replace:
      "return { kind: 'fixed', at: noticedAt + policy.nodeTerminationGracePeriodSeconds * 1000, source: 'estimated' };",
  },
  {
    name: 'no-hurry',
    breaks: 'no pod is hurried before its instance goes',
    file: `${DRAINER}/drain/decide.ts`,
    find: "return look.onDeadline === 'deadline' && look.nowMs > lastGracefulMoment(look);",
    replace: 'return false;',
  },
  {
    name: 'hurry-off-by-ten',
    breaks: 'the last graceful moment of a pod is ten seconds too early',
    file: `${DRAINER}/drain/decide.ts`,
    find: 'return look.deadlineMs - look.marginMs - look.graceSeconds * SECOND;',
    replace: 'return look.deadlineMs - look.marginMs - (look.graceSeconds + 10) * SECOND;',
  },
  {
    name: 'grace-zero',
    breaks: 'the grace that is left may be none, with which a pod is gone while it runs',
    file: `${DRAINER}/drain/decide.ts`,
    find: 'return Math.max(1, Math.floor((look.deadlineMs - look.marginMs - look.nowMs) / SECOND));',
    replace: 'return Math.max(0, Math.floor((look.deadlineMs - look.marginMs - look.nowMs) / SECOND) - 3);',
  },
  {
    name: 'pause-past-end',
    breaks: 'pauses between evictions reach past the last graceful moment',
    file: `${DRAINER}/drain/eviction/follow-answer.ts`,
    find: 'if (untilGracefulMs > 0) return Math.min(wantedMs, untilGracefulMs);',
    replace: 'if (untilGracefulMs > 0) return Math.max(wantedMs, 30_000);',
  },
  {
    name: 'refusal-is-final',
    breaks: 'a pod whose eviction a webhook refuses is not asked again',
    file: `${DRAINER}/drain/eviction/follow-answer.ts`,
    find: "case 'webhook':\n    case 'policy':\n      pod.state = 'blocked';",
    replace: "case 'webhook':\n      return { next: 'done' };\n    case 'policy':\n      pod.state = 'blocked';",
  },
  {
    name: 'daemons-go',
    breaks: 'pods of DaemonSets are evicted',
    file: `${DRAINER}/drain/rules.ts`,
    find: "if (pod.controller?.kind !== 'DaemonSet' ||",
    replace: 'if (true ||',
  },
  {
    name: 'pods-of-all-nodes',
    breaks: 'the pods of all nodes are drained in place of those of the node',
    file: `${DRAINER}/drain/pods/pod-watch.ts`,
    find: 'const onNode = (node: string): string => `spec.nodeName=${escapeFieldValue(node)}`;',
    replace: 'const onNode = (node: string): string => `metadata.name!=${escapeFieldValue(node)}`;',
  },
  {
    name: 'going-not-awaited',
    breaks: 'a pod that is on its way when a drain begins is not waited for',
    file: `${DRAINER}/drain/rules.ts`,
    find: "return terminatesAtMs === undefined ? undefined : { decision: 'wait',",
    replace: "return terminatesAtMs === undefined ? undefined : { decision: 'skip',",
  },
  {
    name: 'drain-before-cordon',
    breaks: 'a node is drained before it is cordoned',
    file: `${ENGINE}/record/transitions.ts`,
    find: "return record.entries.some((entry) => holdsNode(entry) && entry.remarked !== 'left');",
    replace:
      "return record.entries.some((entry) => holdsNode(entry) && entry.progress === 'settled' && entry.remarked !== 'left');",
  },
  {
    name: 'taints-of-others',
    breaks: 'the taint of an interruption takes the place of those that others have put on the node',
    file: `${DRAINER}/mark/node-change.ts`,
    find: 'const kept = known.filter(({ key }) => !ownKeys.has(key) || setKeys.has(key));',
    replace: 'const kept = known.filter(({ key }) => setKeys.has(key));',
  },
  {
    name: 'taint-stays',
    breaks: 'a taint is not taken back with the interruption that it is for',
    file: `${DRAINER}/mark/node-change.ts`,
    find: 'const kept = known.filter(({ key }) => !ownKeys.has(key) || setKeys.has(key));',
    replace: 'const kept = known;',
  },
  {
    name: 'tombstone-forgotten',
    breaks: 'an interruption that a person has dismissed leaves nothing behind: a copy of its message begins it anew',
    file: `${ENGINE}/record/transitions.ts`,
    find: "if (isDismissible(entry)) return tombstone(entry, 'dismissed', now);",
    replace:
      "if (isDismissible(entry)) return tombstone({ ...entry, noticedAt: 0, id: `${entry.id}-` as typeof entry.id }, 'dismissed', 0);",
  },
  {
    name: 'given-back-while-held',
    breaks: 'a node is given back with the first of its interruptions that is done',
    file: `${ENGINE}/record/transitions.ts`,
    find: 'return live((entry) => afterLook(entry, input.look));',
    replace:
      'return live((entry) => (record.entries.length > 1 && entry === record.entries[0] ? over(entry, now) : afterLook(entry, input.look)));',
  },
  {
    name: 'dead-holder-believed',
    breaks: 'the work of a process that has died is never taken over',
    file: `${ENGINE}/record/claims.ts`,
    find: "if (silentInMs <= 0) return answer({ turn: 'ours', claim: 'take', because: 'silent' });",
    replace: "if (silentInMs <= 0) return answer({ turn: 'theirs', lookAgainInMs: 60_000 });",
  },
  {
    name: 'uid-not-tested',
    breaks: 'a pod is asked to go by its name alone, whoever has the name by then',
    file: `${DRAINER}/drain/eviction/request.ts`,
    find: 'return { preconditions: { uid }, ...(graceSeconds',
    replace: 'return { ...(uid === undefined && { preconditions: { uid } }), ...(graceSeconds',
  },
  {
    name: 'moved-end-ignored',
    breaks: 'a drain goes by the end that it began with, wherever that is moved',
    file: `${ENGINE}/work/jobs.ts`,
    find: '    deadline.moveTo(left.end);\n',
    replace: '',
  },
  {
    name: 'silent-watch-believed',
    breaks: 'a watch that has fallen silent is believed',
    file: `${DRAINER}/drain/pods/pod-watch.ts`,
    find: 'if (isOverdue || isSilent) {',
    replace: 'if (false) {',
  },
  {
    name: 'places-for-all',
    breaks: 'what goes soon waits for a place like all others',
    file: `${ENGINE}/work/places.ts`,
    find: 'fixed: 600_000, held: 120_000',
    replace: 'fixed: 0, held: 0',
  },
  {
    name: 'uncordon-unseen',
    breaks: 'nobody sees that a person has uncordoned a node that goes all the same',
    file: `${ENGINE}/record/seen-node.ts`,
    find: "...(isMadeSchedulable ? [{ type: 'made-schedulable' } as const] : []),",
    replace: '',
  },
  {
    name: 'own-clock-believed',
    breaks: "AWS's moments are compared with the clock of the machine, however wrong that is",
    file: 'libs/clock/src/corrected-clock.ts',
    find: 'if (this.#ahead === undefined) return ownMs;',
    replace: 'return ownMs;',
  },
  {
    name: 'taint-forgotten',
    breaks: 'no taint is written with the cordon',
    file: `${ENGINE}/record/marks.ts`,
    find: 'if (decision.marks.taint === undefined || taints.has(taint)) continue;',
    replace: 'if (decision.marks.taint !== undefined || taints.has(taint)) continue;',
  },
  {
    name: 'message-before-hook',
    breaks: 'a message goes when its node is drained, before its hook is completed',
    file: `${ENGINE}/record/tasks.ts`,
    find: "if (entry.progress === 'settled') return true;",
    replace: "if (entry.progress !== 'acting') return true;",
  },
  {
    name: 'cordon-untold',
    breaks: 'nobody is told of the cordon',
    file: `${ENGINE}/work/telling.ts`,
    find: 'for (const { event, ...shared } of toldTogether(told, isFirst))',
    replace: 'for (const { event, ...shared } of toldTogether(told, false))',
    foundBy: 'recording',
  },
] as const satisfies readonly Mutation[];

/** The name of a mutation. */
export type MutationName = (typeof MUTATIONS)[number]['name'];

/** The most seeds within which each must be found. */
export const MOST_SEEDS = 1000;
