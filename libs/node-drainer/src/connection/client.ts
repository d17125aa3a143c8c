/** What a call does, in the words RBAC rules use. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** A resource type, or one object of it. */
export interface ResourceRef {
  /** API group; the core group is `''`, which is the default. */
  group?: string;
  /** API version, default `v1`. */
  version?: string;
  /** Plural name as in URLs: `nodes`, `pods`, `leases`. */
  resource: string;
  /** Namespace of a namespaced resource; without it, the whole cluster. */
  namespace?: string;
  /** Name of one object. */
  name?: string;
  /** Part of one object: `status`, `eviction`. */
  subresource?: string;
}

/** Values of the query string; `undefined` is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One call to the API server. */
export interface ApiCall extends ResourceRef {
  verb: Exclude<Verb, 'watch'>;
  query?: Query;
  /** Sent as JSON. */
  body?: unknown;
  /** Content type of a patch; needed when `verb` is `patch`. */
  patchType?: 'json' | 'merge' | 'strategic';
  /** `Accept` header, default `application/json`. */
  accept?: string;
  /** Total time for the call with all its tries, in milliseconds; default: the client's `callDeadlineMs`. */
  deadlineMs?: number;
  /**
   * Whether the call may be tried again after a lost connection, a 5xx or a 429.
   * Default: true for `get` and `list`, false for everything that writes.
   */
  retry?: boolean;
  /** Ends the call at once. */
  signal?: AbortSignal;
}

/** One watch: a single connection until the server, the watchdog or the signal ends it. */
export interface WatchCall extends ResourceRef {
  /** Where to go on from; from a list or an earlier event. */
  resourceVersion?: string;
  fieldSelector?: string;
  labelSelector?: string;
  query?: Query;
  /** The server ends the watch after this many seconds; default 300. */
  timeoutSeconds?: number;
  /** Ends the watch when nothing, not even a bookmark, came for so many milliseconds; default `timeoutSeconds` + 10 s. */
  quietMs?: number;
  signal?: AbortSignal;
}

/** A change seen by a watch; a `BOOKMARK` carries nothing but a newer resource version. */
export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

/** What became of one HTTP exchange, for metrics and logs. */
export interface CallRecord {
  verb: Verb;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** HTTP status; missing when no answer came. */
  status?: number;
  /** Time from sending to the whole answer (for a watch: to its first byte). */
  durationMs: number;
  /** 1 for the first try. */
  attempt: number;
  /** Why no answer came, or how the server refused. */
  error?: unknown;
}

/** A connection to one API server: every call shares the same pool of kept-alive connections. */
export interface KubernetesClient {
  /**
   * Makes one call and returns the object that came back.
   *
   * @throws {@link KubernetesApiError} when the server refuses.
   * @throws {@link KubernetesConnectionError} when no whole answer came in time.
   * @throws {@link InvalidNameError} when a name can't be part of a URL path.
   */
  request<T>(call: ApiCall): Promise<T>;
  /**
   * Opens one watch. It ends quietly when the server ends it; following on is the caller's business.
   *
   * @throws {@link KubernetesApiError} also for an `ERROR` event, such as 410 when the resource version is too old.
   * @throws {@link KubernetesConnectionError} when the connection breaks or stays silent too long.
   */
  watch<T>(call: WatchCall): AsyncIterable<WatchEvent<T>>;
  /** Closes every connection; calls under way fail. */
  close(): void;
}
