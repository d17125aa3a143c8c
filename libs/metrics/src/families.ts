import { systemClock } from '@node-termination-handler/clock';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { createEventLoopLag } from './event-loop-lag.ts';
import {
  actionStatuses,
  drainOutcomes,
  eventKinds,
  messageOutcomes,
  monitors,
  nodeActions,
  podOutcomes,
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
    actions: counter('actions_total', 'Number of actions', 'node_action', 'node_status', ...scopeLabels),
    eventErrors: counter(
      'events_error_total',
      'Number of errors in events processing',
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
      'Seconds that were left until the deadline when a node was drained; 0 when the drain was late',
      remainingBuckets,
      'kind',
    ),
    queueMessageAge: histogram(
      'nth_queue_message_age_seconds',
      'Age of queue messages when they were received first',
      ageBuckets,
    ),
    messages: counter('nth_messages_total', 'Queue messages by what became of them', 'outcome'),
    webhookDeliveries: counter('nth_webhook_deliveries_total', 'Webhook messages by what became of them', 'outcome'),
    blockedEvictions: counter(
      'nth_evictions_blocked_total',
      'Evictions that a disruption budget refused; each try counts',
    ),
    shortDrains: counter(
      'nth_drains_short_of_time_total',
      'Drains that were found unable to end before their deadline',
    ),
    pods: counter('nth_pods_total', 'Pods of nodes that go, by what became of them', 'outcome'),
    drains: counter('nth_drains_total', 'Drains by how they ended', 'kind', 'outcome'),
    noticesTooLate: counter(
      'nth_notices_too_late_total',
      'Notices that were seen when their instance was to be gone already',
      'kind',
    ),
    drainsOverdue: readGauge(
      registry,
      'nth_drains_overdue',
      'Nodes whose drain takes longer than NODE_TERMINATION_GRACE_PERIOD',
    ),
    drainsInProgress: gauge('nth_drains_in_progress', 'Nodes being drained'),
    buildInfo: gauge(
      'nth_build_info',
      'Always 1; its labels say which program runs, in which version, on which Node.js',
      'program',
      'version',
      'node_version',
    ),
    messagesWaiting: gauge('nth_messages_waiting', 'Queue messages in hand that wait for a node, a launch or a moment'),
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
  for (const kind of eventKinds) {
    families.noticesTooLate.inc({ kind }, 0);
    for (const outcome of drainOutcomes) families.drains.inc({ kind, outcome }, 0);
    for (const histogram of [families.noticeToCordon, families.noticeToDrained, families.deadlineRemaining]) {
      histogram.zero({ kind });
    }
  }
  families.taggedNodes.set(scope, 0);
  families.taggedInstances.set(scope, 0);
}

export { scope };
