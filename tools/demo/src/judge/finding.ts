/** One thing that must be so at the end, and whether it is. */
export interface Finding {
  /** What must be so, as a sentence: `every node is drained`. */
  readonly claim: string;
  readonly holds: boolean;
  /** What was counted. */
  readonly evidence: string;
}
