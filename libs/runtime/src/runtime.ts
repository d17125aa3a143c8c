import type { Clock, CorrectedClock } from '@node-termination-handler/clock';
import type { Logger } from '@node-termination-handler/logger';
import type { Health, Metrics } from '@node-termination-handler/metrics';
import type { KubernetesClient } from '@node-termination-handler/node-drainer';
import type { SharedSettings } from '@node-termination-handler/settings';
import type { Telling } from './telling/telling.ts';

/** What a program finds open when its own work begins. */
export interface Runtime<S extends SharedSettings> {
  readonly settings: S;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Connected to the API server; that it answers is not said yet. */
  readonly client: KubernetesClient;
  readonly telling: Telling;
  /** The machine's, put right by the answers of AWS: all moments that come from there are compared with it. */
  readonly clock: Clock;
  /** The same, for those who hear those answers. */
  readonly awsClock: CorrectedClock;
  /** Aborts when the program is told to stop; from then on nothing new is begun. */
  readonly stop: AbortSignal;
  /** Takes everything that the program opens; it is closed in reverse when the work has ended, however it did. */
  readonly opened: AsyncDisposableStack;
  /** Runs something beside the work until everything is closed; its signal aborts then, and its end is waited for. */
  readonly beside: (task: (signal: AbortSignal) => Promise<void>) => void;
}
