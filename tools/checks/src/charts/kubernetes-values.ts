import type { JsonSchema } from './json-schema.ts';

/*
 * The values of a chart that become parts of Kubernetes objects. Their insides are judged by the API server; here stands what a typo
 * would hide: names and kinds.
 */

const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };
const anyObject: JsonSchema = { type: 'object' };
const objects: JsonSchema = { type: 'array', items: { type: 'object' } };
/** Labels and annotations: Kubernetes takes text only, and says so late. */
const texts: JsonSchema = { type: 'object', additionalProperties: text };

function closed(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, additionalProperties: false };
}

const monitor = closed({
  create: flag,
  namespace: text,
  interval: { type: 'string', pattern: '^((\\d+(ms|[smhdwy]))+)?$' },
  sampleLimit: { type: 'integer', minimum: 0 },
  labels: texts,
  relabelings: objects,
});

/** A probe of the container: the chart knows the path and port, the rest may be tuned. */
const probe: JsonSchema = closed({
  httpGet: anyObject,
  initialDelaySeconds: { type: 'integer', minimum: 0 },
  periodSeconds: { type: 'integer', minimum: 1 },
  timeoutSeconds: { type: 'integer', minimum: 1 },
  failureThreshold: { type: 'integer', minimum: 1 },
  successThreshold: { type: 'integer', minimum: 1 },
  terminationGracePeriodSeconds: { type: 'integer', minimum: 1 },
});

/** The values that both charts have beside the settings. */
export const sharedValues: Readonly<Record<string, JsonSchema>> = {
  global: anyObject,
  nameOverride: text,
  fullnameOverride: text,
  customLabels: texts,
  image: closed({
    repository: { type: 'string', minLength: 1 },
    tag: text,
    digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
    pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
    pullSecrets: { type: 'array', items: text },
  }),
  serviceAccount: closed({ create: flag, name: { type: ['string', 'null'] }, annotations: texts }),
  rbac: closed({ create: flag }),
  podAnnotations: texts,
  podLabels: texts,
  podSecurityContext: anyObject,
  securityContext: anyObject,
  resources: anyObject,
  nodeOptions: text,
  // A drain under way gets 20 s after SIGTERM, and the last webhook 3 s.
  terminationGracePeriodSeconds: { type: 'integer', minimum: 40 },
  dnsPolicy: { enum: ['', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'] },
  probes: probe,
  readinessProbe: probe,
  extraArgs: { type: 'array', items: text },
  extraEnv: objects,
  extraEnvFrom: objects,
  extraVolumes: objects,
  extraVolumeMounts: objects,
  webhookURLSecretName: text,
  webhookURLSecretKey: { type: 'string', minLength: 1 },
  webhookTemplateConfigMapName: text,
  webhookTemplateConfigMapKey: text,
  awsCredentialsSecretName: text,
  podMonitor: monitor,
  serviceMonitor: monitor,
  prometheusRule: closed({ create: flag, namespace: text, labels: texts }),
  grafanaDashboard: closed({ create: flag, namespace: text, labels: texts, annotations: texts }),
  networkPolicy: closed({ create: flag, metricsFrom: objects, egress: objects, extraEgress: objects }),
};

const bySystem = (system: 'linux' | 'windows'): Record<string, JsonSchema> => ({
  [`${system}PodAnnotations`]: texts,
  [`${system}PodLabels`]: texts,
  [`${system}NodeSelector`]: texts,
  [`${system}Affinity`]: anyObject,
  [`${system}Tolerations`]: objects,
  [`${system}UpdateStrategy`]: anyObject,
});

/** The values that only the chart of imds-agent has. */
export const agentValues: Readonly<Record<string, JsonSchema>> = {
  enableSqsTerminationDraining: { description: 'The other chart reads the queue.', enum: [false, ''] },
  targetNodeOs: { enum: ['linux', 'windows', 'linux windows', 'windows linux'] },
  useHostNetwork: flag,
  daemonsetPriorityClassName: text,
  daemonsetNodeSelector: texts,
  daemonsetAffinity: anyObject,
  daemonsetTolerations: objects,
  updateStrategy: anyObject,
  windowsResources: anyObject,
  ...bySystem('linux'),
  ...bySystem('windows'),
};

/** The values that only the chart of queue-processor has. */
export const queueValues: Readonly<Record<string, JsonSchema>> = {
  enableSqsTerminationDraining: { description: 'This chart reads the queue, always.', enum: [true, ''] },
  replicas: { type: 'integer', minimum: 0 },
  strategy: anyObject,
  podDisruptionBudget: anyObject,
  priorityClassName: text,
  nodeSelector: texts,
  affinity: anyObject,
  tolerations: objects,
  topologySpreadConstraints: objects,
};
