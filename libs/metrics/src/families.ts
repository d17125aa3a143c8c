import { systemClock } from '@node-termination-handler/clock';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { createEventLoopLag } from './event-loop-lag.ts';
import {
  actionStatuses,
  claimResults,
  drainReasons,
  eventKinds,
  messageOutcomes,
  monitors,
  nodeActions,
  podOutcomes,
  recordWriteResults,
  webhookOutcomes,
} from './labels.ts';

/**
 * What OpenTelemetry's Prometheus exporter added to each metric of the Go handler; queries may select or group by it.
 *
 * The exporter wrote an empty `otel_scope_version` too, which Prometheus treats as no label.
 */
const scope = { otel_scope_name: 'aws.node.termination.handler', otel_scope_version: '' } as const;
const scopeLabels = ['otel_scope_name', 'otel_scope_version'] as const;

// From the first look at a notice to the two minutes that a spot instance has, and on to slow drains.
const actionBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90, 120, 300, 900, 3600];
const remainingBuckets = [0, 5, 10, 30, 60, 90, 105, 115, 120, 300, 900, 3600];
const ageBuckets = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14_400];

/** The metrics of both programs in a registry of their own. */
export function createFamilies() {
  const registry = new Registry();
  const registers = [registry];
  const eventLoopLag = createEventLoopLag();
  const counter = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    ...labelNames: readonly Label[]
  ) => new Histogram({ name, help, buckets, labelNames, registers });

  const families = {
    actions: counter(
      'actions_total',
      'What was done to nodes: cordon, cordon-and-drain, uncordon, pre-drain, post-drain; success or error',
      'node_action',
      'node_status',
      ...scopeLabels,
    ),
    eventErrors: counter(
      'events_error_total',
      'Failures of what watches for events, by monitor',
      'event_error_where',
      ...scopeLabels,
    ),
    taggedNodes: gauge(
      'nth_tagged_nodes',
      'Nodes of this cluster whose instance carries the managed tag',
      ...scopeLabels,
    ),
    taggedInstances: gauge(
      'nth_tagged_instances',
      'Instances of this account and region that carry the managed tag',
      ...scopeLabels,
    ),
    retainedInstances: gauge(
      'nth_retained_instances',
      'Instances that their Auto Scaling groups keep after their termination was abandoned, until somebody terminates them',
    ),
    noticeToCordon: histogram(
      'nth_notice_to_cordon_seconds',
      'Seconds from the notice of an interruption until its node was cordoned',
      actionBuckets,
      'kind',
    ),
    noticeToDrained: histogram(
      'nth_notice_to_drained_seconds',
      'Seconds from the notice of an interruption until its node was drained',
      actionBuckets,
      'kind',
    ),
    deadlineRemaining: histogram(
      'nth_deadline_remaining_seconds',
      'Seconds that were left until the instance goes when its node was drained; 0 when the drain was late',
      remainingBuckets,
      'kind',
    ),
    queueMessageAge: histogram(
      'nth_queue_message_age_seconds',
      'Age of queue messages when they were received first',
      ageBuckets,
    ),
    messages: counter(
      'nth_messages_total',
      'Queue messages: handled, carried (the record of the node has the rest), not_actionable, not_managed, duplicate, node_not_found, poison, failed, handed_back, no_room (put back, because too many wait)',
      'outcome',
    ),
    webhookDeliveries: counter(
      'nth_webhook_deliveries_total',
      'Webhook messages: delivered, failed (given up after the last try), dropped (too many waited)',
      'outcome',
    ),
    shortDrains: counter(
      'nth_drains_short_of_time_total',
      'Drains that were found unable to end before their deadline',
    ),
    pods: counter(
      'nth_pods_total',
      'Pods of nodes that go, each once: evicted with their full grace; hurried (evicted with less); cut_short (their instance went before their grace was over); deleted_past_budget, deleted_past_admission (a webhook or policy), deleted_past_fault (evictions failed), each with the grace that remained; finished (had ended before); with_namespace; left on the node, by rule or because nobody can end them; lost with the instance, not told to end',
      'outcome',
    ),
    drains: counter(
      'nth_drains_total',
      'Drains: drained before the instance went, or late; failed, and tried again, once for each reason; lost (the instance went first)',
      'kind',
      'outcome',
      'reason',
    ),
    noticesTooLate: counter(
      'nth_notices_too_late_total',
      'Notices that were seen when their instance was to be gone already: a queue that stood still, a program that was away, a clock that is wrong',
      'kind',
    ),
    kubernetesRequests: counter(
      'nth_kubernetes_requests_total',
      'Requests to the API server, each try: ok, blocked (by a disruption budget), admission (a webhook or policy refused), throttled, denied (no right, no credentials), not_found, conflict, timeout, unreachable, error, cancelled (not needed any more)',
      'verb',
      'resource',
      'result',
    ),
    awsCalls: counter(
      'nth_aws_calls_total',
      'Calls of AWS, with all their tries: ok, throttled, denied (no right, no credentials), not_found, conflict, timeout, unreachable, error, cancelled (not needed any more)',
      'service',
      'action',
      'result',
    ),
    claims: counter(
      'nth_claims_total',
      'Claims on nodes: taken; taken_over from a process that is gone or silent; lost to another; refused (another was quicker)',
      'result',
    ),
    recordWrites: counter(
      'nth_record_writes_total',
      'Patches of nodes with their record and marks: written; no_room (written without annotations); conflict (somebody had changed the node, and it was planned anew); refused by the API server; failed (no answer in time)',
      'result',
    ),
    drainsOverdue: readGauge(
      registry,
      'nth_drains_overdue',
      'Nodes whose drain takes longer than NODE_TERMINATION_GRACE_PERIOD',
    ),
    ready: readGauge(
      registry,
      'nth_ready',
      'Whether everything is there that the work needs, as the readiness probe says: 1, or 0',
    ),
    drainsInProgress: gauge('nth_drains_in_progress', 'Nodes being drained'),
    buildInfo: gauge(
      'nth_build_info',
      'Always 1; its labels say which program runs, in which version, on which Node.js',
      'program',
      'version',
      'node_version',
    ),
    messagesWaiting: gauge(
      'nth_messages_waiting',
      'Queue messages in hand that wait for a node, a launch or a moment; at most 1,000',
    ),
  };

  processGauges(registry, () => eventLoopLag.p99SecondsSinceLastCall());
  startAtZero(families);
  return { ...families, registry, eventLoopLag };
}

/** A gauge that is read at the time of the scrape, by whatever function it was given last; 0 until then. */
function readGauge(registry: Registry, name: string, help: string): { read: () => number } {
  const source = { read: () => 0 };
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(source.read());
    },
  });
  return source;
}

/** Few, and read at the time of the scrape: prom-client's default metrics cost an idle process 10 ms of CPU a second. */
function processGauges(registry: Registry, lag: () => number): void {
  const registers = [registry];
  const startTimeSeconds = systemClock.now() / 1000 - process.uptime();
  const gauge = (name: string, help: string, read: () => number): void => {
    readGauge(registry, name, help).read = read;
  };
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => startTimeSeconds);
  gauge('nodejs_eventloop_lag_p99_seconds', 'The 99th percentile of event loop lags since the last scrape.', lag);
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

type Families = Omit<ReturnType<typeof createFamilies>, 'registry' | 'eventLoopLag'>;

/** A counter that appears only with its first increase hides that increase from `rate()` and `increase()`. */
function startAtZero(families: Families): void {
  for (const node_action of nodeActions) {
    for (const node_status of actionStatuses) families.actions.inc({ node_action, node_status, ...scope }, 0);
  }
  for (const event_error_where of monitors) families.eventErrors.inc({ event_error_where, ...scope }, 0);
  for (const outcome of messageOutcomes) families.messages.inc({ outcome }, 0);
  for (const outcome of webhookOutcomes) families.webhookDeliveries.inc({ outcome }, 0);
  for (const outcome of podOutcomes) families.pods.inc({ outcome }, 0);
  for (const result of claimResults) families.claims.inc({ result }, 0);
  for (const result of recordWriteResults) families.recordWrites.inc({ result }, 0);
  for (const kind of eventKinds) {
    families.noticesTooLate.inc({ kind }, 0);
    for (const [outcome, reasons] of Object.entries(drainReasons)) {
      for (const reason of reasons) families.drains.inc({ kind, outcome, reason }, 0);
    }
    for (const histogram of [families.noticeToCordon, families.noticeToDrained, families.deadlineRemaining]) {
      histogram.zero({ kind });
    }
  }
  families.taggedNodes.set(scope, 0);
  families.taggedInstances.set(scope, 0);
}

export { scope };
