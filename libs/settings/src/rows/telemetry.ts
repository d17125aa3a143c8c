import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { annotations } from '../types/key-values.ts';
import { integer } from '../types/numbers.ts';
import { urlPath } from '../types/text.ts';

const both = ['imds-agent', 'queue-processor'] as const;
const port = { min: 0, max: 65_535 };

/** Kubernetes events, metrics and probes. */
export const telemetryRows = [
  defineSetting({
    name: 'EMIT_KUBERNETES_EVENTS',
    type: boolean(),
    default: false,
    programs: both,
    subject: 'Kubernetes events',
    description: 'Emit a Kubernetes event for each interruption and each step on a node.',
  }),
  defineSetting({
    name: 'KUBERNETES_EVENTS_EXTRA_ANNOTATIONS',
    type: annotations(),
    default: {},
    defaultText: 'none',
    programs: both,
    subject: 'Kubernetes events',
    description: 'Annotations for every Kubernetes event, as `key=value` pairs separated by commas.',
  }),
  defineSetting({
    name: 'ENABLE_PROMETHEUS_SERVER',
    type: boolean(),
    default: false,
    programs: both,
    subject: 'Metrics and probes',
    description: 'Serve Prometheus metrics on `/metrics`.',
  }),
  defineSetting({
    name: 'PROMETHEUS_SERVER_PORT',
    type: integer(port),
    default: 9092,
    programs: both,
    subject: 'Metrics and probes',
    description: 'The port of the metrics server; 0 lets the system choose.',
  }),
  defineSetting({
    name: 'ENABLE_PROBES_SERVER',
    type: boolean(),
    default: false,
    programs: both,
    subject: 'Metrics and probes',
    description: 'Serve the liveness and readiness probes.',
  }),
  defineSetting({
    name: 'PROBES_SERVER_PORT',
    type: integer(port),
    default: 8080,
    programs: both,
    subject: 'Metrics and probes',
    description: 'The port of the probes server; 0 lets the system choose.',
  }),
  defineSetting({
    name: 'PROBES_SERVER_ENDPOINT',
    type: urlPath(),
    default: '/healthz',
    programs: both,
    subject: 'Metrics and probes',
    description: 'The path of the liveness probe; the readiness probe is `/readyz`.',
  }),
] as const;
