/** What an operator wants done about each kind of event. */
export interface Policy {
  /** Cordon and mark nodes, but evict nothing. Default `false`. */
  readonly cordonOnly: boolean;
  /** What a rebalance recommendation leads to. Default `cordon`. */
  readonly rebalanceAction: 'none' | 'cordon' | 'drain';
  /**
   * How long before its start a scheduled event is acted on, in milliseconds; `immediate` acts as soon as it is known.
   * Default `immediate`, because the hardware behind the event may be degraded already.
   */
  readonly scheduledEventLeadTimeMs: number | 'immediate';
  /** How long one node's drain may take, in seconds. Default 120. */
  readonly nodeTerminationGracePeriodSeconds: number;
}

/** The policy of a program that was configured with nothing. */
export const DEFAULT_POLICY: Policy = {
  cordonOnly: false,
  rebalanceAction: 'cordon',
  scheduledEventLeadTimeMs: 'immediate',
  nodeTerminationGracePeriodSeconds: 120,
};
