import type { Sandbox } from '@node-termination-handler/sandbox';

/** A request as the API server noted it. */
export interface NotedRequest {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly code: number;
  readonly dryRun: boolean;
  /** When it came in, in ms since the epoch. */
  readonly at: number;
}

/** The first moment at which a pod was told to end, in ms since the epoch, and how long it was given for it. */
interface PodSignal {
  readonly at: number;
  readonly graceSeconds: number;
}

/** One notification that the webhook took. */
export interface Notification {
  readonly phase: string;
  readonly node: string;
  readonly event: string;
}

/**
 * What is known of a world by its own records, and never by the programs' word. What a runner does not know, it leaves empty. Times in ms
 * since the epoch.
 */
export interface Evidence {
  /**
   * Nodes that an event named, by which way, and when the instance goes where that is known: by the event's own facts, and so that nobody
   * can move it any more.
   */
  readonly interruptions: readonly {
    readonly node: string;
    readonly way: string;
    /** When it was told of, in ms since the epoch. */
    readonly at?: number;
    readonly deadlineAt?: number | undefined;
    /** Whether nothing is owed any more: its source has taken it back, or a person the node, of which nobody has said that it goes. */
    readonly isDismissed?: boolean;
    /** Whether its source has taken it back. */
    readonly isTakenBack?: boolean;
  }[];
  /** When a node was first seen cordoned. */
  readonly cordonedAt: (node: string) => number | undefined;
  /** When the last pod that a drain takes away had left a node, of those that had come by a moment (default: all); undefined while one is there. */
  readonly emptyAt: (node: string, by?: number) => number | undefined;
  /** Messages, with the node that each told of, if it did, and of what; how many deletions were asked for, where that counts. */
  readonly messages: readonly {
    readonly node: string | undefined;
    /** As records name it; see {@link causeOfMessage}. */
    readonly cause: string | undefined;
    readonly deletedAt: number | undefined;
    readonly deletionCalls?: number;
    /** Until when the hook of which it tells waited, where that is the programs' to complete; `Infinity` while it does. */
    readonly hookUntil?: number;
    /** As of the interruption that it tells of. */
    readonly isDismissed?: boolean;
  }[];
  /** What a node's record told of at a moment, and was not over then; see `RecordHistory`. */
  readonly recordedAt: (node: string, at: number) => readonly string[];
  /** Where the marks of a node were others than its record asked for, in words. */
  readonly disagreements: readonly string[];
  /** Nodes that are claimed, and nobody has anything to do on them. */
  readonly claimedForNothing: readonly string[];
  /** Nodes that carry a mark of the programs. */
  readonly marked: readonly string[];
  /** Nodes that were cordoned anew after a person had uncordoned them, though nobody has said, before that or since, that they go. */
  readonly takenAgain: readonly string[];
  /** Lifecycle actions that hold a node's instance. */
  readonly actions: readonly {
    readonly node: string;
    readonly state: string;
    readonly result: string | undefined;
    readonly endedAt: number | undefined;
  }[];
  readonly nodes: readonly string[];
  readonly pods: readonly {
    readonly name: string;
    readonly node: string;
    readonly isDaemon: boolean;
    /** Whether it had ended by itself before it was told to. */
    readonly hasEnded?: boolean;
    readonly goneAt: number | undefined;
    /** Whether it went with its instance. */
    readonly isLost?: boolean;
    /** When it came, where that is known. */
    readonly cameAt?: number;
    /** Whether it came to a node that a person had given back, which nobody has taken away since. */
    readonly isInvited?: boolean;
    /** Whether it came to a node that took no pods any more, for which its scheduler had chosen it before. */
    readonly isLate?: boolean;
    /** Its own grace, in seconds; absent where a runner does not follow how pods end. */
    readonly graceSeconds?: number;
    readonly signal?: PodSignal | undefined;
  }[];
  /** Jobs that forgive disruptions, and failed by the end of a pod that nothing said is one. */
  readonly failedJobs: readonly string[];
  /** When all this was so, in ms since the epoch. */
  readonly judgedAt: number;
  readonly requests: readonly NotedRequest[];
  /** Calls about lifecycle actions that were over: `CompleteLifecycleAction of i-1`. */
  readonly refused: readonly string[];
  /** Messages that were received again while somebody worked on them. */
  readonly receivedAgain: number;
  /** Marks of others that are gone: `the taint of going-1`. */
  readonly lostMarks: readonly string[];
  readonly notifications: readonly Notification[];
  /** Everything that the programs wrote, by its place. */
  readonly texts: Readonly<Record<string, string>>;
  /** What no text may show, by its name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What was asked for that the sandbox does not simulate. */
  readonly unknown: readonly string[];
  /** How programs ended that should not have, or otherwise than they should have. */
  readonly badEnds: readonly string[];
  /** Status codes of liveness probes, in their order, of the programs that were asked. */
  readonly liveness: readonly (readonly number[])[];
  /** The last status codes of readiness probes, of the programs that were asked. */
  readonly readiness: readonly number[];
}

/** Evidence of a world in which nothing happened. */
export const NOTHING: Evidence = {
  interruptions: [],
  cordonedAt: () => undefined,
  emptyAt: () => undefined,
  recordedAt: () => [],
  disagreements: [],
  claimedForNothing: [],
  marked: [],
  takenAgain: [],
  messages: [],
  actions: [],
  nodes: [],
  pods: [],
  failedJobs: [],
  judgedAt: 0,
  requests: [],
  refused: [],
  receivedAgain: 0,
  lostMarks: [],
  notifications: [],
  texts: {},
  secrets: {},
  unknown: [],
  badEnds: [],
  liveness: [],
  readiness: [],
};

/** What the sandbox itself knows; of calls about actions that were over only completions: a heartbeat may cross with an end. */
export function sandboxEvidence(sandbox: Sandbox): Pick<Evidence, 'nodes' | 'requests' | 'refused' | 'unknown'> {
  const { aws, kubernetes } = sandbox;
  const refused = aws.autoScaling.refused().filter(({ call }) => call === 'CompleteLifecycleAction');
  return {
    nodes: kubernetes.list({ kind: 'Node' }).map(({ metadata }) => metadata.name),
    requests: kubernetes.requests(),
    refused: refused.map(({ call, instanceId = 'an unknown instance' }) => `${call} of ${instanceId}`),
    unknown: sandbox.unknown(),
  };
}

/** What the events of AWS are about, by a word that only their messages hold, as records name it. */
const CAUSES: Readonly<Record<string, string>> = {
  'EC2 Spot Instance Interruption Warning': 'spot',
  'EC2 Capacity Reservation Instance Interruption Warning': 'reservation',
  'EC2 Instance State-change Notification': 'state',
  'EC2 Instance Rebalance Recommendation': 'rebalance',
  'AWS Health Event': 'health',
  'EC2 Instance-terminate Lifecycle Action': 'action',
  'autoscaling:EC2_INSTANCE_TERMINATING': 'action',
};

/** What a message tells of, as records name it; undefined where it tells of nothing that takes an instance away. */
export function causeOfMessage(body: string): string | undefined {
  return Object.entries(CAUSES).find(([words]) => body.includes(words))?.[1];
}
