/** One query of a panel. */
export interface Query {
  /** PromQL. */
  readonly expr: string;
  /** How its series are named. */
  readonly legend: string;
}

/** What a panel shows. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: 'short' | 's' | 'bytes' | 'percentunit';
  readonly queries: readonly Query[];
  /** Default: a graph over time. */
  readonly kind?: 'stat';
}

const scope = 'otel_scope_name="aws.node.termination.handler"';
const where = 'job=~"$job"';

/** The panels for both programs. */
export const sharedPanels: readonly Panel[] = [
  stat('Drains in progress', 'Nodes being drained at this moment.', {
    expr: `sum(nth_drains_in_progress{${where}})`,
    legend: 'drains',
  }),
  stat('Drained in the last day', 'Nodes cordoned and drained with success.', {
    expr: `sum(increase(actions_total{${where},${scope},node_action="cordon-and-drain",node_status="success"}[1d]))`,
    legend: 'nodes',
  }),
  stat('Failed actions in the last day', 'Actions on nodes that ended with an error.', {
    expr: `sum(increase(actions_total{${where},${scope},node_status="error"}[1d]))`,
    legend: 'errors',
  }),
  stat('Drains short of time in the last day', 'Drains that were found unable to end before their deadline.', {
    expr: `sum(increase(nth_drains_short_of_time_total{${where}}[1d]))`,
    legend: 'drains',
  }),
  graph('Actions on nodes', 'What was done to nodes, and how it ended.', 'short', {
    expr: `sum by (node_action, node_status) (increase(actions_total{${where},${scope}}[$__rate_interval]))`,
    legend: '{{node_action}} {{node_status}}',
  }),
  graph(
    'From the notice to the cordon',
    'How long nodes still took new pods after the notice of their interruption.',
    's',
    ...quantiles('nth_notice_to_cordon_seconds', 'kind'),
  ),
  graph(
    'From the notice to the end of the drain',
    'How long drains took; a spot instance has 120 s.',
    's',
    ...quantiles('nth_notice_to_drained_seconds', 'kind'),
  ),
  graph(
    'Time left at the end of a drain',
    'Half of the drains had less time left than this; 0 means that a drain was late.',
    's',
    { expr: quantile(0.5, 'nth_deadline_remaining_seconds', ', kind'), legend: '{{kind}}' },
  ),
  graph('Evictions refused by disruption budgets', 'Each try counts.', 'short', {
    expr: `sum(increase(nth_evictions_blocked_total{${where}}[$__rate_interval]))`,
    legend: 'refused',
  }),
  graph('Webhook messages', 'What became of them.', 'short', {
    expr: `sum by (outcome) (increase(nth_webhook_deliveries_total{${where}}[$__rate_interval]))`,
    legend: '{{outcome}}',
  }),
  graph('Memory', 'Resident memory of each pod.', 'bytes', {
    expr: `process_resident_memory_bytes{${where}} and on (job, instance) nth_drains_in_progress`,
    legend: '{{instance}}',
  }),
  graph('Processor time', 'Share of one processor that each pod uses.', 'percentunit', {
    expr: `rate(process_cpu_seconds_total{${where}}[$__rate_interval]) and on (job, instance) nth_drains_in_progress`,
    legend: '{{instance}}',
  }),
];

/** The panels for queue-processor alone. */
export const queuePanels: readonly Panel[] = [
  graph('Queue messages', 'What became of them.', 'short', {
    expr: `sum by (outcome) (increase(nth_messages_total{${where}}[$__rate_interval]))`,
    legend: '{{outcome}}',
  }),
  graph(
    'Age of messages at their first receipt',
    'How long messages waited in the queue.',
    's',
    ...quantiles('nth_queue_message_age_seconds'),
  ),
  graph(
    'Managed by this handler',
    'Instances with the managed tag, and the nodes of this cluster among them.',
    'short',
    { expr: `max(nth_tagged_instances{${where}})`, legend: 'instances' },
    { expr: `max(nth_tagged_nodes{${where}})`, legend: 'nodes' },
  ),
  graph('Errors of the queue', 'Receives that failed.', 'short', {
    expr: `sum by (event_error_where) (increase(events_error_total{${where},${scope}}[$__rate_interval]))`,
    legend: '{{event_error_where}}',
  }),
];

function stat(title: string, description: string, query: Query): Panel {
  return { title, description, unit: 'short', kind: 'stat', queries: [query] };
}

function graph(title: string, description: string, unit: Panel['unit'], ...queries: readonly Query[]): Panel {
  return { title, description, unit, queries };
}

/** Half and nearly all of what a histogram counted, by a label when there is one. */
function quantiles(metric: string, by?: string): readonly Query[] {
  return [0.5, 0.99].map((share) => ({
    expr: quantile(share, metric, by === undefined ? '' : `, ${by}`),
    legend: `${by === undefined ? '' : `{{${by}}} `}${share * 100} %`,
  }));
}

function quantile(share: number, metric: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le${by}) (rate(${metric}_bucket{${where}}[$__rate_interval])))`;
}
