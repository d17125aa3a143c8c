import { settingsAbout } from '../setting.ts';
import { boolean } from '../types/choice.ts';
import { annotations } from '../types/key-values.ts';
import { integer } from '../types/numbers.ts';
import { urlPath } from '../types/text.ts';

const eventSetting = settingsAbout('Kubernetes events', 'imds-agent', 'queue-processor');
const serverSetting = settingsAbout('Metrics and probes', 'imds-agent', 'queue-processor');
const port = { min: 0, max: 65_535 };

/** Kubernetes events, metrics and probes. */
export const telemetryRows = [
  eventSetting({
    name: 'EMIT_KUBERNETES_EVENTS',
    type: boolean(),
    default: false,
    description: 'Emit a Kubernetes event for each interruption and each step on a node.',
  }),
  eventSetting({
    name: 'KUBERNETES_EVENTS_EXTRA_ANNOTATIONS',
    type: annotations(),
    default: {},
    defaultText: 'none',
    description: 'Annotations for every Kubernetes event, as `key=value` pairs separated by commas.',
  }),
  serverSetting({
    name: 'ENABLE_PROMETHEUS_SERVER',
    type: boolean(),
    default: false,
    description: 'Serve Prometheus metrics on `/metrics`.',
  }),
  serverSetting({
    name: 'PROMETHEUS_SERVER_PORT',
    type: integer(port),
    default: 9092,
    description: 'The port of the metrics server; 0 lets the system choose.',
  }),
  serverSetting({
    name: 'ENABLE_PROBES_SERVER',
    type: boolean(),
    default: false,
    description: 'Serve the liveness and readiness probes.',
  }),
  serverSetting({
    name: 'PROBES_SERVER_PORT',
    type: integer(port),
    default: 8080,
    description: 'The port of the probes server; 0 lets the system choose.',
  }),
  serverSetting({
    name: 'PROBES_SERVER_ENDPOINT',
    type: urlPath(),
    default: '/healthz',
    description: 'The path of the liveness probe; the readiness probe is `/readyz`.',
  }),
] as const;
