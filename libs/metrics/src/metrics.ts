import type { Counter } from 'prom-client';
import { expose, negotiate } from './exposition.ts';
import { createFamilies, scope } from './families.ts';
import {
  actionStatuses,
  awsActions,
  awsServices,
  bounded,
  callResults,
  claimResults,
  drainReasons,
  eventKinds,
  kubernetesResources,
  kubernetesVerbs,
  messageOutcomes,
  monitors,
  nodeActions,
  podOutcomes,
  recordWriteResults,
  requestResults,
  webhookOutcomes,
} from './labels.ts';
import type {
  ActionStatus,
  CallResult,
  ClaimResult,
  DrainOutcome,
  DrainReason,
  EventKind,
  MessageOutcome,
  Monitor,
  NodeAction,
  PodOutcome,
  RecordWriteResult,
  RequestResult,
  WebhookOutcome,
} from './labels.ts';

/** Counts and measures what a program does. No label ever holds the name of a node or pod, or the id of an event. */
export interface Metrics {
  /** `actions_total{node_action,node_status}` */
  countAction(action: NodeAction, status: ActionStatus): void;
  /** `events_error_total{event_error_where}` */
  countEventError(where: Monitor): void;
  /** `nth_tagged_nodes` */
  setTaggedNodes(count: number): void;
  /** `nth_tagged_instances` */
  setTaggedInstances(count: number): void;
  /** `nth_retained_instances` */
  setRetainedInstances(count: number): void;
  /** `nth_notice_to_cordon_seconds{kind}` */
  observeNoticeToCordon(kind: EventKind, seconds: number): void;
  /** `nth_notice_to_drained_seconds{kind}` */
  observeNoticeToDrained(kind: EventKind, seconds: number): void;
  /** `nth_deadline_remaining_seconds{kind}`; a negative number, from a late drain, counts as 0. */
  observeDeadlineRemaining(kind: EventKind, seconds: number): void;
  /** `nth_queue_message_age_seconds` */
  observeQueueMessageAge(seconds: number): void;
  /** `nth_messages_total{outcome}` */
  countMessage(outcome: MessageOutcome): void;
  /** `nth_webhook_deliveries_total{outcome}` */
  countWebhookDelivery(outcome: WebhookOutcome): void;
  /** `nth_drains_short_of_time_total` */
  countDrainShortOfTime(): void;
  /** `nth_pods_total{outcome}` */
  countPod(outcome: PodOutcome): void;
  /** `nth_drains_total{kind,outcome,reason}` */
  countDrain<Outcome extends DrainOutcome>(kind: EventKind, outcome: Outcome, reason: DrainReason<Outcome>): void;
  /** `nth_notices_too_late_total{kind}` */
  countNoticeTooLate(kind: EventKind): void;
  /** `nth_kubernetes_requests_total{verb,resource,result}`; the resource with its subresource, as in `pods/eviction`. */
  countKubernetesRequest(verb: string, resource: string, result: RequestResult): void;
  /** `nth_aws_calls_total{service,action,result}`; the service as IAM names it. */
  countAwsCall(service: string, action: string, result: CallResult): void;
  /** `nth_claims_total{result}` */
  countClaim(result: ClaimResult): void;
  /** `nth_record_writes_total{result}` */
  countRecordWrite(result: RecordWriteResult): void;
  /** `nth_drains_overdue`, read at each scrape. */
  measureDrainsOverdue(read: () => number): void;
  /** `nth_ready`, read at each scrape. */
  measureReady(read: () => boolean): void;
  /** `nth_drains_in_progress` */
  setDrainsInProgress(count: number): void;
  /** `nth_messages_waiting` */
  setMessagesWaiting(count: number): void;
  /** Everything as text, in the format that the `Accept` header prefers. Default: Prometheus' text format. */
  scrape(accept?: string): Promise<Scrape>;
  /** Ends the measurement of the event loop. */
  [Symbol.dispose](): void;
}

/** One answer to a scraper. */
export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

/** Which program counts. */
export interface Build {
  readonly name: string;
  readonly version: string;
}

/**
 * Creates the metrics of a program, in a registry of their own; nothing global is touched.
 *
 * @param build for `nth_build_info{program,version,node_version}`. Default: there is no such sample.
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createMetrics(build?: Build): Metrics {
  const families = createFamilies();
  if (build !== undefined) {
    const { name: program, version } = build;
    families.buildInfo.set({ program, version, node_version: process.versions.node }, 1);
  }
  const countRequest = countsResults(families.kubernetesRequests, requestResults);
  const countCall = countsResults(families.awsCalls, callResults);
  const kindLabel = (kind: string) => ({ kind: bounded(eventKinds, kind) });
  return {
    countAction(action, status) {
      const labels = { node_action: bounded(nodeActions, action), node_status: bounded(actionStatuses, status) };
      families.actions.inc({ ...labels, ...scope });
    },
    countEventError: (where) => families.eventErrors.inc({ event_error_where: bounded(monitors, where), ...scope }),
    setTaggedNodes: (count) => families.taggedNodes.set(scope, count),
    setTaggedInstances: (count) => families.taggedInstances.set(scope, count),
    setRetainedInstances: (count) => families.retainedInstances.set(count),
    observeNoticeToCordon: (kind, seconds) => families.noticeToCordon.observe(kindLabel(kind), notNegative(seconds)),
    observeNoticeToDrained: (kind, seconds) => families.noticeToDrained.observe(kindLabel(kind), notNegative(seconds)),
    observeDeadlineRemaining: (kind, seconds) =>
      families.deadlineRemaining.observe(kindLabel(kind), notNegative(seconds)),
    observeQueueMessageAge: (seconds) => families.queueMessageAge.observe(notNegative(seconds)),
    countMessage: (outcome) => families.messages.inc({ outcome: bounded(messageOutcomes, outcome) }),
    countWebhookDelivery: (outcome) => families.webhookDeliveries.inc({ outcome: bounded(webhookOutcomes, outcome) }),
    countDrainShortOfTime: () => families.shortDrains.inc(),
    countPod: (outcome) => families.pods.inc({ outcome: bounded(podOutcomes, outcome) }),
    countDrain: (kind, outcome, reason) =>
      families.drains.inc({
        ...kindLabel(kind),
        outcome: bounded(Object.keys(drainReasons), outcome),
        reason: bounded(Object.values(drainReasons).flat(), reason),
      }),
    countNoticeTooLate: (kind) => families.noticesTooLate.inc(kindLabel(kind)),
    countKubernetesRequest: (verb, resource, result) =>
      countRequest(
        { verb: bounded(kubernetesVerbs, verb), resource: bounded(kubernetesResources, resource) },
        bounded(requestResults, result),
      ),
    countAwsCall: (service, action, result) =>
      countCall(
        { service: bounded(awsServices, service), action: bounded(awsActions, action) },
        bounded(callResults, result),
      ),
    countClaim: (result) => families.claims.inc({ result: bounded(claimResults, result) }),
    countRecordWrite: (result) => families.recordWrites.inc({ result: bounded(recordWriteResults, result) }),
    measureDrainsOverdue: (read) => void (families.drainsOverdue.read = read),
    measureReady: (read) => void (families.ready.read = () => Number(read())),
    setDrainsInProgress: (count) => families.drainsInProgress.set(count),
    setMessagesWaiting: (count) => families.messagesWaiting.set(count),
    async scrape(accept) {
      const format = negotiate(accept);
      return { contentType: format.contentType, body: expose(await families.registry.getMetricsAsJSON(), format) };
    },
    [Symbol.dispose]: () => families.eventLoopLag.stop(),
  };
}

/** Counts what came of each kind of request; all results of a kind stand at 0 from its first one on, so that `increase()` sees them. */
function countsResults<Label extends string>(
  counter: Counter<Label | 'result'>,
  results: readonly string[],
): (labels: Readonly<Record<Label, string>>, result: string) => void {
  const seen = new Set<string>();
  return (labels, result) => {
    const kind = Object.values(labels).join(' ');
    if (!seen.has(kind)) {
      seen.add(kind);
      for (const each of results) counter.inc({ ...labels, result: each }, 0);
    }
    counter.inc({ ...labels, result });
  };
}

/** Clocks of different machines differ; a histogram with a sum must not go down. */
function notNegative(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
