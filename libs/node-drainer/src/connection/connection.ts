import type { Clock } from '../time/clock.ts';
import type { createEndpoint } from './endpoint.ts';
import type { createGate } from './gate.ts';
import type { ConnectionSettings } from './options.ts';
import type { createRateLimit } from './rate-limit.ts';

/** What all calls of one client share. */
export interface Connection {
  readonly settings: ConnectionSettings;
  readonly endpoint: ReturnType<typeof createEndpoint>;
  /** Calls that the server takes its time for: what is created or deleted. */
  readonly gate: ReturnType<typeof createGate>;
  /** Calls that the server answers at once. */
  readonly shortGate: ReturnType<typeof createGate>;
  readonly rateLimit: ReturnType<typeof createRateLimit> | undefined;
  readonly clock: Clock;
  /** Aborts when the client is closed. */
  readonly closed: AbortSignal;
}
