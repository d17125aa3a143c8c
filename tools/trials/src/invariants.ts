import type { Evidence } from './evidence.ts';
import { brokenBudgets, earlyHooks, missingSignals, overtakenNodes } from './pod-ends.ts';
import { foreignWrites, inCircles, namedNodes, repetitions, twice } from './requests.ts';
import { unknownLines } from './unknown-lines.ts';

/** What a case may do that others may not, with the reason in the case itself. */
export interface Allowance {
  /**
   * The same thing may be asked for twice: a process that dies between an act and its record can't know that it acted, and a repetition
   * of it changes nothing.
   */
  readonly repeats?: boolean;
  /** The webhook may miss notifications, because it was not there to take them. */
  readonly silentWebhook?: boolean;
  /**
   * How long after its last graceful moment a pod may be told to end, in ms, because those who tell it had to wait for something. Default
   * 5 s.
   */
  readonly lateMs?: number;
  /** How long a node that is about to go may wait while others are worked on, in ms. Default: {@link lateMs}, or 10 s. */
  readonly waitMs?: number;
  /** By how much a pod may be hurried before its last graceful moment, in ms, because clocks are wrong by less than is put right. Default: none. */
  readonly earlyMs?: number;
}

/** Something that must hold, however the world misbehaves. */
export interface Invariant {
  readonly name: string;
  /** What holds, as a sentence that begins small and has no full stop. */
  readonly holds: string;
  /** It comes true in the end, and not at every moment. */
  readonly inTheEnd?: true;
  /** How many things it is judged by; without them it says nothing. */
  readonly count?: (evidence: Evidence) => number;
  /** What breaks it, in words; empty when it holds. */
  readonly check: (evidence: Evidence, allowance: Allowance) => readonly string[];
}

/** Everything that must hold, once: every runner judges by this list, and docs/reliability.md is held to it. */
export const INVARIANTS = [
  {
    name: 'node cordoned',
    holds: 'every node that an event names is cordoned',
    inTheEnd: true,
    count: ({ interruptions }) => interruptions.length,
    check: ({ interruptions, cordonedAt }) =>
      interruptions
        .filter(({ node, isTakenBack = false }) => !isTakenBack && cordonedAt(node) === undefined)
        .map(({ node, way }) => `${node} was never cordoned after ${way}`),
  },
  {
    name: 'node drained',
    holds:
      'every node that an event names is drained, before its instance goes where that is known; a person may give back one of which nobody says that it goes',
    inTheEnd: true,
    count: ({ interruptions }) => interruptions.length,
    check: ({ interruptions, emptyAt }) =>
      interruptions.flatMap(({ node, way, deadlineAt = Infinity, isDismissed = false }) => {
        if (isDismissed) return [];
        const at = emptyAt(node);
        if (at === undefined) return [`${node} was never drained after ${way}`];
        return at > deadlineAt ? [`${node} was drained ${at - deadlineAt} ms after its instance went`] : [];
      }),
  },
  {
    name: 'message deleted',
    holds: 'every message is deleted in the end',
    inTheEnd: true,
    count: ({ messages }) => messages.length,
    check: ({ messages }) =>
      messages
        .filter(({ deletedAt }) => deletedAt === undefined)
        .map(({ node = 'no node' }) => `the message about ${node} is still in the queue`),
  },
  {
    name: 'event lost',
    holds:
      'no message is gone while the work that it asks for is not done and does not stand in the record of its node; that of a lifecycle action never before its node was drained and its hook waits no longer',
    check: lostEvents,
  },
  {
    name: 'marks and record agree',
    holds:
      'the marks of a node are those that its record asks for, at every moment, and in the end none is claimed on which nothing is to be done',
    check: ({ disagreements, claimedForNothing }) => [
      ...disagreements,
      ...claimedForNothing.map((node) => `${node} is claimed, and nothing is to be done on it`),
    ],
  },
  {
    name: 'given back',
    holds: 'a node whose events are all taken back by those who told of them carries no mark in the end',
    inTheEnd: true,
    check: ({ interruptions, marked }) => {
      const held = new Set(interruptions.flatMap(({ node, isTakenBack = false }) => (isTakenBack ? [] : [node])));
      return marked.filter((node) => !held.has(node)).map((node) => `${node} is marked, and nothing holds it`);
    },
  },
  {
    name: 'taken again',
    holds: 'a node that a person has given back is not cordoned again, where nobody says that it goes',
    check: ({ takenAgain }) => takenAgain.map((node) => `${node} was cordoned again, and a person had given it back`),
  },
  {
    name: 'hook completed',
    holds: 'every lifecycle hook is completed with CONTINUE',
    inTheEnd: true,
    count: ({ actions }) => actions.length,
    check: ({ actions }) =>
      actions
        .filter(({ state, result }) => state !== 'completed' || result !== 'CONTINUE')
        .map(
          ({ node, state, result }) => `the action of ${node} is ${state}${result === undefined ? '' : ` ${result}`}`,
        ),
  },
  {
    name: 'hook early',
    holds: 'no hook is completed before the last pod that a drain takes away has left',
    check: earlyHooks,
  },
  {
    name: 'foreign write',
    holds: 'nothing is written but to nodes that an event names, and nothing is evicted but their pods',
    check: foreignWrites,
  },
  {
    name: 'pods that stay',
    holds: 'pods of DaemonSets, and of nodes that no event names, are left alone',
    check: (evidence) => {
      const named = namedNodes(evidence);
      return evidence.pods
        .filter(({ goneAt, isLost = false }) => goneAt !== undefined && !isLost)
        .filter(({ isDaemon, node }) => isDaemon || !named.has(node))
        .map(({ name }) => `the pod ${name} is gone, and nobody may have touched it`);
    },
  },
  {
    name: 'nodes that stay',
    holds: 'nodes that no event names stay in service',
    check: (evidence) => {
      const named = namedNodes(evidence);
      return evidence.nodes
        .filter((name) => !named.has(name) && evidence.cordonedAt(name) !== undefined)
        .map((name) => `${name} was cordoned, and no event named it`);
    },
  },
  {
    name: 'budget kept',
    holds: 'no pod is deleted, or given less than its grace, but right before an end that nobody can move',
    check: (evidence, { earlyMs }) => brokenBudgets(evidence, earlyMs),
  },
  {
    name: 'signal in time',
    holds: 'every pod of an instance that goes hears of it while there is time, a second at the least',
    check: (evidence, { lateMs }) => missingSignals(evidence, lateMs),
  },
  {
    name: 'job failed',
    holds: 'no Job that forgives disruptions fails because a pod of it is ended',
    check: ({ failedJobs }) => failedJobs.map((job) => `the Job ${job} has failed`),
  },
  {
    name: 'urgent first',
    holds:
      'no work on a node that is about to go, in two minutes, waits behind work on one that has time, more than ten',
    check: (evidence, { lateMs, waitMs = lateMs }) => overtakenNodes(evidence, waitMs),
  },
  {
    name: 'marks of others',
    holds: 'taints, labels and annotations that others have put on a node are kept',
    check: ({ lostMarks }) => lostMarks.map((what) => `${what} is gone`),
  },
  {
    name: 'evicted twice',
    holds: 'no pod is evicted again: an eviction that is under way is seen',
    check: ({ requests }, { repeats = false }) => {
      const evicted = requests
        .filter(({ subresource, code, dryRun }) => subresource === 'eviction' && code === 201 && !dryRun)
        .map(({ namespace, name }) => `${namespace}/${name}`);
      return repeats ? [] : twice(evicted).map((pod) => `${pod} was evicted again`);
    },
  },
  {
    name: 'done twice',
    holds:
      'no hook is completed again, no message is worked on or deleted again, and no phase of an event is told again',
    check: (evidence, { repeats = false }) => (repeats ? [] : repetitions(evidence)),
  },
  {
    name: 'in circles',
    holds:
      'no node is written again and again, and no pod is evicted again and again, whoever dies between: a hundred times in a minute is too often, and of evictions ten',
    check: inCircles,
  },
  {
    name: 'people told',
    holds: 'people are told of every node that was drained',
    check: ({ interruptions, notifications }, { silentWebhook = false }) => {
      if (silentWebhook) return [];
      const told = new Set(notifications.filter(({ phase }) => phase === 'drained').map(({ node }) => node));
      const drained = new Set(interruptions.flatMap(({ node, isDismissed = false }) => (isDismissed ? [] : [node])));
      return [...drained].filter((node) => !told.has(node)).map((node) => `nobody was told that ${node} is drained`);
    },
  },
  {
    name: 'secret shown',
    holds: 'no log line, event, node or notification shows a secret',
    check: ({ texts, secrets }) =>
      Object.entries(texts).flatMap(([place, text]) =>
        Object.entries(secrets)
          .filter(([, secret]) => text.includes(secret))
          .map(([name]) => `${name} in ${place}`),
      ),
  },
  {
    name: 'unknown line',
    holds: 'every line that a program logs is one that [log lines](logs.md) explains',
    check: unknownLines,
  },
  {
    name: 'unknown call',
    holds: 'nothing is asked that the sandbox does not know',
    check: ({ unknown }) => unknown,
  },
  {
    name: 'bad end',
    holds: 'no program ends by itself, and each ends with 0 when it is told to',
    check: ({ badEnds }) => badEnds,
  },
  {
    name: 'liveness',
    holds: 'the liveness probe of a program says all the time that it is alive, whatever is away around it',
    check: ({ liveness }) =>
      liveness.flatMap((answers) => {
        if (answers.length === 0) return ['the probe was never answered'];
        return answers.some((answer) => answer !== 200) ? [`the probe answered ${answers.join(' ')}`] : [];
      }),
  },
  {
    name: 'ready again',
    holds: 'the readiness probe of a program says in the end that it is ready',
    check: ({ readiness }) => readiness.filter((code) => code !== 200).map((code) => `the probe answered ${code}`),
  },
] as const satisfies readonly Invariant[];

/** The name of an invariant. */
export type InvariantName = (typeof INVARIANTS)[number]['name'];

/** What breaks the invariants, each with the name of its own; empty when all is well. @param names only these; default all */
export function violations(
  evidence: Evidence,
  allowance: Allowance = {},
  names: readonly InvariantName[] = INVARIANTS.map(({ name }) => name),
): readonly string[] {
  return INVARIANTS.filter(({ name }) => names.includes(name)).flatMap(({ name, check }) =>
    check(evidence, allowance).map((what) => `${name}: ${what}`),
  );
}

/** The invariants that come true in the end: while one does not hold, there is something to wait for. */
export const IN_THE_END: readonly InvariantName[] = INVARIANTS.filter(
  (invariant: Invariant) => invariant.inTheEnd === true,
).map(({ name }) => name);

function lostEvents({ messages, emptyAt, recordedAt }: Evidence): readonly string[] {
  return messages.flatMap(({ node, cause, deletedAt, hookUntil = -Infinity, isDismissed = false }) => {
    if (node === undefined || deletedAt === undefined || isDismissed) return [];
    // A pod that comes after the hook has been completed is the record's to see to: the message has nothing more to tell.
    const by = cause === 'action' && hookUntil > 0 ? Math.min(deletedAt, hookUntil) : deletedAt;
    if (deletedAt >= (emptyAt(node, by) ?? Infinity))
      return deletedAt >= hookUntil ? [] : [`the message about ${node} was deleted while its hook waited`];
    if (cause === 'action') return [`the message about ${node} was deleted before its drain was done`];
    const isRecorded = cause !== undefined && recordedAt(node, deletedAt).includes(cause);
    return isRecorded
      ? []
      : [`the message about ${node} was deleted: its drain was not done, and its record had no entry`];
  });
}
