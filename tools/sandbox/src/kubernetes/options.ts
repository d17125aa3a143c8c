/** How a simulated Kubernetes API is set up; every field has a default. */
export interface KubernetesOptions {
  /** How many changes of a resource are remembered at least, for watches that go on from before; 10,000. */
  readonly historyLimit?: number;
  /** How often watches that want bookmarks get one, in milliseconds; 60,000. */
  readonly bookmarkIntervalMs?: number;
  /** How long a read waits for a revision that is not there yet before it answers 504, in milliseconds; 3,000. */
  readonly freshnessTimeoutMs?: number;
  /** How long a watch lasts whose client names no timeout, in milliseconds; 30 minutes. */
  readonly watchTimeoutMs?: number;
  /** When a pod is gone after it was told to end, in milliseconds, never later than its grace allows; 20. */
  readonly terminationMs?: number | 'hangs' | 'never';
  /** When a pod that was created through the API on a node runs, in milliseconds; 0. */
  readonly startupMs?: number | 'never';
  /** Keep the status of PodDisruptionBudgets up to date? True. While false a status stays as it was written. */
  readonly disruptionController?: boolean;
  /** Replace pods of ReplicaSets, StatefulSets and DaemonSets, and place pods on nodes? False. */
  readonly workloadController?: boolean;
  /** Taint nodes that are cordoned, as a control plane does a moment later? False. */
  readonly nodeController?: boolean;
  /** How many requests the log keeps; 100,000. */
  readonly requestLogLimit?: number;
  /** The seed of faults that strike by chance; 1. */
  readonly seed?: number;
  /** The clock of timestamps and tokens, in milliseconds since the epoch; `Date.now`. */
  readonly now?: () => number;
}

/** The options with every default filled in. */
type KubernetesSettings = {
  readonly [Key in keyof KubernetesOptions]-?: Exclude<KubernetesOptions[Key], undefined>;
};

/** Fills in the defaults. */
export function withDefaults(options: KubernetesOptions): KubernetesSettings {
  return {
    historyLimit: 10_000,
    bookmarkIntervalMs: 60_000,
    freshnessTimeoutMs: 3000,
    watchTimeoutMs: 30 * 60_000,
    terminationMs: 20,
    startupMs: 0,
    disruptionController: true,
    workloadController: false,
    nodeController: false,
    requestLogLimit: 100_000,
    seed: 1,
    now: () => Date.now(),
    ...options,
  };
}
