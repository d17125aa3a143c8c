/** The part of an object's metadata that scenarios look at. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
}

/** A taint of a node. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A node as scenarios look at it. */
export interface NodeObject {
  readonly metadata: Metadata;
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[]; readonly providerID?: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** A pod as scenarios look at it. */
export interface PodObject {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

/** A condition of a node or a pod. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** An event as `kubectl describe` reads it. */
export interface EventObject {
  readonly metadata: Metadata;
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly namespace?: string };
}
