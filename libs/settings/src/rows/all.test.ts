import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { defaultText } from '../setting.ts';
import { loadImdsAgentSettings, loadQueueProcessorSettings } from '../load.ts';
import type { Setting } from '../setting.ts';
import { settingRows } from './all.ts';

const rows: readonly Setting[] = settingRows;

describe('the rows', () => {
  it('give every variable, property and flag to one setting', () => {
    const unique = (names: readonly string[]) => expect(new Set(names).size).toBe(names.length);
    unique(rows.flatMap((row) => [row.name, ...row.alsoNamed, ...row.deprecated]));
    unique(rows.map((row) => row.key));
    unique(rows.flatMap((row) => row.flags));
  });

  it.each(rows.filter((row) => row.default !== undefined).map((row) => [row.name, row] as const))(
    '%s has a default that it would accept',
    (_, row) => {
      const text = row.type.format(row.default);
      if (text !== '') expect(v.parse(row.type.schema, text)).toEqual(row.default);
    },
  );

  it('describe themselves in sentences', () => {
    for (const row of rows) {
      expect(row.description, row.name).toMatch(/^[A-Z].*\.$/);
      expect(row.type.allowed, row.name).not.toMatch(/\.$/);
    }
  });

  it('have the defaults of the Go handler', () => {
    const defaults = Object.fromEntries(rows.filter((row) => !row.new).map((row) => [row.name, defaultText(row)]));
    expect(defaults).toMatchObject({
      INSTANCE_METADATA_URL: 'http://169.254.169.254',
      METADATA_TRIES: '3',
      ENABLE_SPOT_INTERRUPTION_DRAINING: 'true',
      ENABLE_SCHEDULED_EVENT_DRAINING: 'true',
      ENABLE_ASG_LIFECYCLE_DRAINING: 'false',
      ENABLE_REBALANCE_MONITORING: 'false',
      ENABLE_REBALANCE_DRAINING: 'false',
      SQS_MSG_VISIBILITY_TIMEOUT_SEC: '20',
      DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'false',
      COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '-1',
      HEARTBEAT_INTERVAL: '-1',
      CHECK_TAG_BEFORE_DRAINING: 'true',
      MANAGED_TAG: 'aws-node-termination-handler/managed',
      USE_PROVIDER_ID: 'false',
      DRY_RUN: 'false',
      CORDON_ONLY: 'false',
      TAINT_NODE: 'false',
      EXCLUDE_FROM_LOAD_BALANCERS: 'false',
      ENABLE_OUT_OF_SERVICE_TAINT: 'false',
      TAINT_EFFECT: 'NoSchedule',
      DELETE_LOCAL_DATA: 'true',
      IGNORE_DAEMON_SETS: 'true',
      POD_TERMINATION_GRACE_PERIOD: '-1',
      NODE_TERMINATION_GRACE_PERIOD: '120',
      USE_APISERVER_CACHE: 'false',
      EMIT_KUBERNETES_EVENTS: 'false',
      WEBHOOK_HEADERS: '{"Content-type":"application/json"}',
      ENABLE_PROMETHEUS_SERVER: 'false',
      PROMETHEUS_SERVER_PORT: '9092',
      ENABLE_PROBES_SERVER: 'false',
      PROBES_SERVER_PORT: '8080',
      PROBES_SERVER_ENDPOINT: '/healthz',
      JSON_LOGGING: 'false',
      LOG_LEVEL: 'info',
      LOG_FORMAT_VERSION: '1',
    });
  });
});

describe('an environment written for the Go handler', () => {
  const shared = {
    NODE_NAME: 'ip-10-0-0-1.ec2.internal',
    POD_NAME: 'aws-node-termination-handler-abcde',
    NAMESPACE: 'kube-system',
    KUBERNETES_SERVICE_HOST: '10.100.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    INSTANCE_METADATA_URL: '',
    DELETE_LOCAL_DATA: 'true',
    IGNORE_DAEMON_SETS: 'true',
    GRACE_PERIOD: '',
    POD_TERMINATION_GRACE_PERIOD: '-1',
    NODE_TERMINATION_GRACE_PERIOD: '120',
    DRY_RUN: 'false',
    CORDON_ONLY: 'false',
    TAINT_NODE: 'true',
    TAINT_EFFECT: 'NoSchedule',
    EXCLUDE_FROM_LOAD_BALANCERS: 'true',
    ENABLE_OUT_OF_SERVICE_TAINT: 'false',
    ENABLE_SPOT_INTERRUPTION_DRAINING: 'true',
    ENABLE_SCHEDULED_EVENT_DRAINING: 'true',
    ENABLE_REBALANCE_MONITORING: 'false',
    ENABLE_REBALANCE_DRAINING: 'false',
    METADATA_TRIES: '3',
    UPTIME_FROM_FILE: '',
    JSON_LOGGING: 'false',
    LOG_LEVEL: 'INFO',
    LOG_FORMAT_VERSION: '2',
    ENABLE_PROMETHEUS_SERVER: 'true',
    PROMETHEUS_SERVER_PORT: '9092',
    ENABLE_PROBES_SERVER: 'true',
    PROBES_SERVER_PORT: '8080',
    PROBES_SERVER_ENDPOINT: '/healthz',
    EMIT_KUBERNETES_EVENTS: 'true',
    KUBERNETES_EVENTS_EXTRA_ANNOTATIONS: 'first=annotation,sample.annotation/number=two',
    WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
    WEBHOOK_HEADERS: '{"Content-type":"application/json"}',
    WEBHOOK_TEMPLATE: '{"text":"{{ .Kind }}"}',
    WEBHOOK_PROXY: '',
    USE_APISERVER_CACHE: 'false',
    AWS_REGION: '',
  };

  it('starts imds-agent', () => {
    const env = { ...shared, ENABLE_SQS_TERMINATION_DRAINING: 'false' };
    expect(loadImdsAgentSettings({ argv: [], env })).toMatchObject({ ok: true, mode: 'run', warnings: [] });
  });

  it('starts queue-processor, which says what it does not use', () => {
    const queue = {
      ENABLE_SQS_TERMINATION_DRAINING: 'true',
      QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/MyK8sTermQueue',
      CHECK_ASG_TAG_BEFORE_DRAINING: 'true',
      MANAGED_ASG_TAG: 'aws-node-termination-handler/managed',
      USE_PROVIDER_ID: 'false',
      WORKERS: '10',
      HEARTBEAT_INTERVAL: '-1',
      HEARTBEAT_UNTIL: '-1',
      COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '-1',
      DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'false',
    };
    expect(loadQueueProcessorSettings({ argv: [], env: { ...shared, ...queue } })).toMatchObject({
      ok: true,
      warnings: [
        expect.stringContaining('CHECK_ASG_TAG_BEFORE_DRAINING is deprecated'),
        expect.stringContaining('MANAGED_ASG_TAG is deprecated'),
        'queue-processor does not use: METADATA_TRIES, ENABLE_SPOT_INTERRUPTION_DRAINING, ENABLE_SCHEDULED_EVENT_DRAINING, ENABLE_REBALANCE_MONITORING, ENABLE_REBALANCE_DRAINING',
      ],
    });
  });

  it('works by flags as well', () => {
    const argv = Object.entries(shared)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `--${name.toLowerCase().replaceAll('_', '-')}=${value}`);
    expect(loadImdsAgentSettings({ argv, env: {} })).toMatchObject({ ok: true, warnings: [] });
  });
});
