/** What a case may do that others may not, with the reason in the case itself. */
export interface Allowance {
  /**
   * The same thing may be asked for twice: a process that dies between an act and its record can't know that it acted, and a repetition
   * of it changes nothing.
   */
  readonly repeats?: boolean;
  /** The webhook may miss notifications, because it was not there to take them. */
  readonly silentWebhook?: boolean;
  /** A pod may be deleted without its budget, because the instance's end is near. */
  readonly deletions?: boolean;
}
