import type { DisruptionController } from '../eviction/disruption-controller.ts';
import type { Registry } from '../registry/registry.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import type { ResourceRequest } from '../server/request-info.ts';
import type { WatchHub } from '../watch/hub.ts';

/** What the verbs work with. */
export interface Api {
  readonly registry: Registry;
  readonly hub: WatchHub;
  readonly budgets: DisruptionController;
  /** How long a read waits for a revision that is not there yet, in milliseconds. */
  readonly freshnessTimeoutMs: number;
  /** How long a watch lasts whose client names no timeout, in milliseconds. */
  readonly watchTimeoutMs: number;
}

/** A request for a resource that the simulator serves. */
export interface Call extends ResourceRequest {
  readonly definition: ResourceDefinition;
  readonly user: string;
  readonly accept: string | undefined;
  readonly contentType: string;
  readonly body: Buffer;
  /** How many revisions ago reads look, for a server that lags behind. */
  readonly staleBy: number;
}
