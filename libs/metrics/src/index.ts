export { createHealth } from './health.ts';
export type { Check, Dependency, Expectation, Health, HealthStatus, Loop } from './health.ts';
export { actionStatuses, eventKinds, messageOutcomes, monitors, nodeActions, webhookOutcomes } from './labels.ts';
export type {
  ActionStatus,
  CallResult,
  ClaimResult,
  DrainOutcome,
  DrainReason,
  EventKind,
  MessageOutcome,
  Monitor,
  NodeAction,
  RecordWriteResult,
  RequestResult,
  WebhookOutcome,
} from './labels.ts';
export { createMetrics } from './metrics.ts';
export type { Build } from './metrics.ts';
export type { Metrics, Scrape } from './metrics.ts';
export { serveMetrics } from './metrics-server.ts';
export { serveProbes } from './probes-server.ts';
export type { ProbesOptions } from './probes-server.ts';
export { ListenError } from './server.ts';
export type { Listening, ListenOptions } from './server.ts';
