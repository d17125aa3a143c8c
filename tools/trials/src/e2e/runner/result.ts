/** What came of a scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly proves: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Why it failed or was skipped. */
  readonly message?: string;
  /** Last log lines and the nodes' state, of a failure. */
  readonly details?: string;
}
