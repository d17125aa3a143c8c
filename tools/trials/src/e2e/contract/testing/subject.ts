import type { ApiClient } from '@node-termination-handler/control-plane';
import type { PodName, Refuser } from './refusing.ts';

/** An RBAC rule, as in a ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** How a pod of a test behaves. */
export interface PodSetup {
  readonly name?: string;
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** Default 30. */
  readonly graceSeconds?: number;
  /** How long it takes to end once it is told to; `never` outlives even its grace. Default: as long as its grace. */
  readonly endsAfterSeconds?: number | 'never';
  /** Wait until it is running and ready. Default: when it has a node. */
  readonly waitUntilReady?: boolean;
  /** It never becomes ready. */
  readonly neverReady?: boolean;
  /** It is done as soon as it runs. */
  readonly completes?: boolean;
}

/** A Kubernetes object as it comes over the wire. */
export interface WireObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly namespace?: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** What the contract is held against: the simulator or a real API server. Each test makes its own objects in it. */
export interface Subject extends AsyncDisposable {
  readonly kind: 'simulator' | 'real';
  readonly admin: ApiClient;
  /** Speaks with a token, or none. */
  client(token: string | undefined): ApiClient;
  /** Speaks as a fresh user that may do only this. */
  userWith(rules: readonly Rule[]): Promise<{ readonly name: string; readonly client: ApiClient }>;
  /** From now on flow control has too few seats for many evictions of a user at once, and keeps none waiting; the answer lifts that. */
  withFewSeats(user: string): Promise<() => Promise<void>>;
  /** From now on somebody refuses at admission what is asked of a pod; resolves when that is in force. */
  refuse(pod: PodName, refuser: Refuser): Promise<void>;
  /** A fresh namespace in which pods can be made; its name. */
  createNamespace(): Promise<string>;
  /** A fresh Ready node that nobody else touches any more. */
  createNode(fields?: { labels?: Record<string, string>; taints?: readonly unknown[] }): Promise<WireObject>;
  createPod(namespace: string, setup?: PodSetup): Promise<WireObject>;
  /** Forgets the history of changes, so that a list's continue token from before is too old. */
  expireHistory(): Promise<void>;
}
