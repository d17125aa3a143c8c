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
  {
    title: 'Drains in progress',
    description: 'Nodes being drained at this moment.',
    unit: 'short',
    kind: 'stat',
    queries: [{ expr: `sum(nth_drains_in_progress{${where}})`, legend: 'drains' }],
  },
  {
    title: 'Drained in the last day',
    description: 'Nodes cordoned and drained with success.',
    unit: 'short',
    kind: 'stat',
    queries: [
      {
        expr: `sum(increase(actions_total{${where},${scope},node_action="cordon-and-drain",node_status="success"}[1d]))`,
        legend: 'nodes',
      },
    ],
  },
  {
    title: 'Failed actions in the last day',
    description: 'Actions on nodes that ended with an error.',
    unit: 'short',
    kind: 'stat',
    queries: [{ expr: `sum(increase(actions_total{${where},${scope},node_status="error"}[1d]))`, legend: 'errors' }],
  },
  {
    title: 'Drains short of time in the last day',
    description: 'Drains that were found unable to end before their deadline.',
    unit: 'short',
    kind: 'stat',
    queries: [{ expr: `sum(increase(nth_drains_short_of_time_total{${where}}[1d]))`, legend: 'drains' }],
  },
  {
    title: 'Actions on nodes',
    description: 'What was done to nodes, and how it ended.',
    unit: 'short',
    queries: [
      {
        expr: `sum by (node_action, node_status) (increase(actions_total{${where},${scope}}[$__rate_interval]))`,
        legend: '{{node_action}} {{node_status}}',
      },
    ],
  },
  {
    title: 'From the notice to the cordon',
    description: 'How long nodes still took new pods after the notice of their interruption.',
    unit: 's',
    queries: quantiles('nth_notice_to_cordon_seconds'),
  },
  {
    title: 'From the notice to the end of the drain',
    description: 'How long drains took; a spot instance has 120 s.',
    unit: 's',
    queries: quantiles('nth_notice_to_drained_seconds'),
  },
  {
    title: 'Time left at the end of a drain',
    description: 'Half of the drains had less time left than this; 0 means that a drain was late.',
    unit: 's',
    queries: [
      {
        expr: `histogram_quantile(0.5, sum by (le, kind) (rate(nth_deadline_remaining_seconds_bucket{${where}}[$__rate_interval])))`,
        legend: '{{kind}}',
      },
    ],
  },
  {
    title: 'Evictions refused by disruption budgets',
    description: 'Each try counts.',
    unit: 'short',
    queries: [{ expr: `sum(increase(nth_evictions_blocked_total{${where}}[$__rate_interval]))`, legend: 'refused' }],
  },
  {
    title: 'Webhook messages',
    description: 'What became of them.',
    unit: 'short',
    queries: [
      {
        expr: `sum by (outcome) (increase(nth_webhook_deliveries_total{${where}}[$__rate_interval]))`,
        legend: '{{outcome}}',
      },
    ],
  },
  {
    title: 'Memory',
    description: 'Resident memory of each pod.',
    unit: 'bytes',
    queries: [
      {
        expr: `process_resident_memory_bytes{${where}} and on (job, instance) nth_drains_in_progress`,
        legend: '{{instance}}',
      },
    ],
  },
  {
    title: 'Processor time',
    description: 'Share of one processor that each pod uses.',
    unit: 'percentunit',
    queries: [
      {
        expr: `rate(process_cpu_seconds_total{${where}}[$__rate_interval]) and on (job, instance) nth_drains_in_progress`,
        legend: '{{instance}}',
      },
    ],
  },
];

/** The panels for queue-processor alone. */
export const queuePanels: readonly Panel[] = [
  {
    title: 'Queue messages',
    description: 'What became of them.',
    unit: 'short',
    queries: [
      { expr: `sum by (outcome) (increase(nth_messages_total{${where}}[$__rate_interval]))`, legend: '{{outcome}}' },
    ],
  },
  {
    title: 'Age of messages at their first receipt',
    description: 'How long messages waited in the queue.',
    unit: 's',
    queries: [0.5, 0.99].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (le) (rate(nth_queue_message_age_seconds_bucket{${where}}[$__rate_interval])))`,
      legend: `${quantile * 100} %`,
    })),
  },
  {
    title: 'Managed by this handler',
    description: 'Instances with the managed tag, and the nodes of this cluster among them.',
    unit: 'short',
    queries: [
      { expr: `max(nth_tagged_instances{${where}})`, legend: 'instances' },
      { expr: `max(nth_tagged_nodes{${where}})`, legend: 'nodes' },
    ],
  },
  {
    title: 'Errors of the queue',
    description: 'Receives that failed.',
    unit: 'short',
    queries: [
      {
        expr: `sum by (event_error_where) (increase(events_error_total{${where},${scope}}[$__rate_interval]))`,
        legend: '{{event_error_where}}',
      },
    ],
  },
];

function quantiles(metric: string): readonly Query[] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le, kind) (rate(${metric}_bucket{${where}}[$__rate_interval])))`,
    legend: `{{kind}} ${quantile * 100} %`,
  }));
}
