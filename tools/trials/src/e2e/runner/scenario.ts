import type { Scene } from '../harness/scene.ts';

/** A story that a user would tell, and what it proves. */
export interface Scenario {
  /** `spot notice drains the node`; unique. */
  readonly name: string;
  /** One line: what a failure would mean. */
  readonly proves: string;
  /** Runs alone, because it disturbs the others. Default false. */
  readonly alone?: boolean;
  /** Takes so long that it begins before the others. Default false. */
  readonly long?: boolean;
  /** Longer than the usual 120,000 ms. */
  readonly timeoutMs?: number;
  readonly run: (scene: Scene) => Promise<void>;
}

/** Something a scenario needs is not on this machine; it is skipped with these words. */
export class SkipScenario extends Error {
  override readonly name = 'SkipScenario';
}
