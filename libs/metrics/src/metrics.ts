import { systemClock } from '@node-termination-handler/clock';
import type { Registry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import OwnRegistry from 'prom-client/lib/registry.js';
import { createEventLoopLag } from './event-loop-lag.ts';
import { expose, negotiate } from './exposition.ts';
import { familiesIn } from './families.ts';
import {
  actionStatuses,
  awsActions,
  awsServices,
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
import type { DrainOutcome, DrainReason, EventKind } from './labels.ts';

/** Counts and measures what a program does. No label ever holds the name of a node or pod, or the id of an event. */
export type Metrics = ReturnType<typeof createMetrics>;

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
 * What OpenTelemetry's Prometheus exporter added to each metric of the Go handler; queries may select or group by it.
 *
 * The exporter wrote an empty `otel_scope_version` too, which Prometheus treats as no label.
 */
const scope = { otel_scope_name: 'aws.node.termination.handler', otel_scope_version: '' } as const;

// From the first look at a notice to the two minutes that a spot instance has, and on to slow drains.
const actionBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90, 120, 300, 900, 3600];
const remainingBuckets = [0, 5, 10, 30, 60, 90, 105, 115, 120, 300, 900, 3600];
const ageBuckets = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14_400];

const kind = ['kind', eventKinds] as const;
const drains = [kind, ['outcome', Object.keys(drainReasons)], ['reason', Object.values(drainReasons).flat()]] as const;
const drainEnds = eventKinds.flatMap((of) =>
  Object.entries(drainReasons).flatMap(([outcome, reasons]) => reasons.map((reason) => [of, outcome, reason])),
);

/**
 * Creates the metrics of a program, one for each function; nothing global is touched.
 *
 * @param build for `nth_build_info{program,version,node_version}`. Default: there is no such sample.
 * @param registry where they are. Default: one of their own.
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createMetrics(build?: Build, registry: Registry = new OwnRegistry()) {
  const { counter, gauge, histogram, readGauge } = familiesIn(registry);
  const eventLoopLag = createEventLoopLag();
  const families = {
    /** `actions_total{node_action,node_status}` */
    countAction: counter(
      'actions_total',
      'What was done to nodes: cordon, cordon-and-drain, uncordon, pre-drain, post-drain; success or error',
      [
        ['node_action', nodeActions],
        ['node_status', actionStatuses],
      ],
      { fixed: scope },
    ),
    /** `events_error_total{event_error_where}` */
    countEventError: counter(
      'events_error_total',
      'Failures of what watches for events, by monitor',
      [['event_error_where', monitors]],
      { fixed: scope },
    ),
    /** `nth_tagged_nodes` */
    setTaggedNodes: gauge('nth_tagged_nodes', 'Nodes of this cluster whose instance carries the managed tag', scope),
    /** `nth_tagged_instances` */
    setTaggedInstances: gauge(
      'nth_tagged_instances',
      'Instances of this account and region that carry the managed tag',
      scope,
    ),
    /** `nth_retained_instances` */
    setRetainedInstances: gauge(
      'nth_retained_instances',
      'Instances that their Auto Scaling groups keep after their termination was abandoned, until somebody terminates them',
    ),
    /** `nth_notice_to_cordon_seconds{kind}` */
    observeNoticeToCordon: histogram(
      'nth_notice_to_cordon_seconds',
      'Seconds from the notice of an interruption until its node was cordoned',
      actionBuckets,
      [kind],
    ),
    /** `nth_notice_to_drained_seconds{kind}` */
    observeNoticeToDrained: histogram(
      'nth_notice_to_drained_seconds',
      'Seconds from the notice of an interruption until its node was drained',
      actionBuckets,
      [kind],
    ),
    /** `nth_deadline_remaining_seconds{kind}`; a negative number, from a late drain, counts as 0. */
    observeDeadlineRemaining: histogram(
      'nth_deadline_remaining_seconds',
      'Seconds that were left until the instance goes when its node was drained; 0 when the drain was late',
      remainingBuckets,
      [kind],
    ),
    /** `nth_queue_message_age_seconds` */
    observeQueueMessageAge: histogram(
      'nth_queue_message_age_seconds',
      'Age of queue messages when they were received first',
      ageBuckets,
      [],
    ),
    /** `nth_messages_total{outcome}` */
    countMessage: counter(
      'nth_messages_total',
      'Queue messages: handled, carried (the record of the node has the rest), not_actionable, not_managed, duplicate, node_not_found, poison, failed, handed_back, no_room (put back, because too many wait)',
      [['outcome', messageOutcomes]],
    ),
    /** `nth_webhook_deliveries_total{outcome}` */
    countWebhookDelivery: counter(
      'nth_webhook_deliveries_total',
      'Webhook messages: delivered, failed (given up after the last try), dropped (too many waited)',
      [['outcome', webhookOutcomes]],
    ),
    /** `nth_drains_short_of_time_total` */
    countDrainShortOfTime: counter(
      'nth_drains_short_of_time_total',
      'Drains that were found unable to end before their deadline',
      [],
    ),
    /** `nth_pods_total{outcome}` */
    countPod: counter(
      'nth_pods_total',
      'Pods of nodes that go, each once: evicted with their full grace; hurried (evicted with less); cut_short (their instance went before their grace was over); deleted_past_budget, deleted_past_admission (a webhook or policy), deleted_past_fault (evictions failed), each with the grace that remained; finished (had ended before); with_namespace; left on the node, by rule or because nobody can end them; lost with the instance, not told to end',
      [['outcome', podOutcomes]],
    ),
    countDrain: counter(
      'nth_drains_total',
      'Drains: drained before the instance went, or late; failed, and tried again, once for each reason; lost (the instance went first)',
      drains,
      { atZero: drainEnds },
    ),
    /** `nth_notices_too_late_total{kind}` */
    countNoticeTooLate: counter(
      'nth_notices_too_late_total',
      'Notices that were seen when their instance was to be gone already: a queue that stood still, a program that was away, a clock that is wrong',
      [kind],
    ),
    /** `nth_kubernetes_requests_total{verb,resource,result}`; the resource with its subresource, as in `pods/eviction`. */
    countKubernetesRequest: counter(
      'nth_kubernetes_requests_total',
      'Requests to the API server, each try: ok, blocked (by a disruption budget), admission (a webhook or policy refused), throttled, denied (no right, no credentials), not_found, conflict, timeout, unreachable, error, cancelled (not needed any more)',
      [
        ['verb', kubernetesVerbs],
        ['resource', kubernetesResources],
        ['result', requestResults],
      ],
      { atZero: 'first' },
    ),
    /** `nth_aws_calls_total{service,action,result}`; the service as IAM names it. */
    countAwsCall: counter(
      'nth_aws_calls_total',
      'Calls of AWS, with all their tries: ok, throttled, denied (no right, no credentials), not_found, conflict, timeout, unreachable, error, cancelled (not needed any more)',
      [
        ['service', awsServices],
        ['action', awsActions],
        ['result', callResults],
      ],
      { atZero: 'first' },
    ),
    /** `nth_claims_total{result}` */
    countClaim: counter(
      'nth_claims_total',
      'Claims on nodes: taken; taken_over from a process that is gone or silent; lost to another; refused (another was quicker)',
      [['result', claimResults]],
    ),
    /** `nth_record_writes_total{result}` */
    countRecordWrite: counter(
      'nth_record_writes_total',
      'Patches of nodes with their record and marks: written; no_room (written without annotations); conflict (somebody had changed the node, and it was planned anew); refused by the API server; failed (no answer in time)',
      [['result', recordWriteResults]],
    ),
    /** `nth_drains_overdue`, read at each scrape. */
    measureDrainsOverdue: readGauge(
      'nth_drains_overdue',
      'Nodes whose drain takes longer than NODE_TERMINATION_GRACE_PERIOD',
    ),
    /** `nth_ready`, read at each scrape. */
    measureReady: readGauge(
      'nth_ready',
      'Whether everything is there that the work needs, as the readiness probe says: 1, or 0',
    ),
    /** `nth_drains_in_progress` */
    setDrainsInProgress: gauge('nth_drains_in_progress', 'Nodes being drained'),
    /** `nth_messages_waiting` */
    setMessagesWaiting: gauge(
      'nth_messages_waiting',
      'Queue messages in hand that wait for a node, a launch or a moment; at most 1,000',
    ),
  };
  if (build !== undefined) {
    const { name: program, version } = build;
    const labels = { program, version, node_version: process.versions.node };
    gauge(
      'nth_build_info',
      'Always 1; its labels say which program runs, in which version, on which Node.js',
      labels,
    )(1);
  }
  // Few, and read at the time of the scrape: prom-client's default metrics cost an idle process 10 ms of CPU a second.
  const startTimeSeconds = systemClock.now() / 1000 - process.uptime();
  readGauge('process_resident_memory_bytes', 'Resident memory size in bytes.')(() => process.memoryUsage.rss());
  readGauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
  )(() => startTimeSeconds);
  readGauge(
    'nodejs_eventloop_lag_p99_seconds',
    'The 99th percentile of event loop lags since the last scrape.',
  )(() => eventLoopLag.p99SecondsSinceLastCall());
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const countDrain: <Outcome extends DrainOutcome>(
    kind: EventKind,
    outcome: Outcome,
    reason: DrainReason<Outcome>,
  ) => void = families.countDrain;
  return {
    ...families,
    /** `nth_drains_total{kind,outcome,reason}` */
    countDrain,
    /** Everything as text, in the format that the `Accept` header prefers. Default: Prometheus' text format. */
    async scrape(accept?: string): Promise<Scrape> {
      const format = negotiate(accept);
      return { contentType: format.contentType, body: expose(await registry.getMetricsAsJSON(), format) };
    },
    /** Ends the measurement of the event loop. */
    [Symbol.dispose]: () => eventLoopLag.stop(),
  };
}
