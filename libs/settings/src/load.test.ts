import { describe, expect, expectTypeOf, it } from 'vitest';
import { loadImdsAgentSettings, loadQueueProcessorSettings } from './load.ts';

const agent = (env: Record<string, string> = {}, ...argv: string[]) =>
  loadImdsAgentSettings({ argv, env: { NODE_NAME: 'node-1', ...env } });
const queue = (env: Record<string, string> = {}, ...argv: string[]) =>
  loadQueueProcessorSettings({ argv, env: { QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/1/q', ...env } });

function run<T extends ReturnType<typeof agent> | ReturnType<typeof queue>>(
  parsed: T,
): Extract<T, { mode: 'run' | 'check' }> {
  if (!parsed.ok) throw new Error(parsed.message);
  if (parsed.mode === 'help' || parsed.mode === 'version') throw new Error(`mode is ${parsed.mode}`);
  return parsed as Extract<T, { mode: 'run' | 'check' }>;
}

function problemsOf(parsed: ReturnType<typeof agent> | ReturnType<typeof queue>): readonly string[] {
  if (parsed.ok) throw new Error('there should be problems');
  return parsed.problems;
}

describe('the settings of imds-agent', () => {
  it('need nothing but the name of the node', () => {
    const { settings, warnings, mode } = run(agent());
    expect(mode).toBe('run');
    expect(warnings).toEqual([]);
    expect(settings).toMatchObject({
      nodeName: 'node-1',
      instanceMetadataUrl: 'http://169.254.169.254',
      enableSpotInterruptionDraining: true,
      enableAsgLifecycleDraining: false,
      podTerminationGracePeriodSeconds: undefined,
      nodeTerminationGracePeriodSeconds: 120,
      scheduledEventLeadTime: 'immediate',
      webhookHeaders: { 'Content-type': 'application/json' },
      logLevel: 'info',
    });
    expectTypeOf(settings.nodeName).toEqualTypeOf<string>();
    expectTypeOf(settings.podName).toEqualTypeOf<string | undefined>();
    expectTypeOf(settings.logLevel).toEqualTypeOf<'info' | 'debug' | 'error'>();
    expectTypeOf(settings.scheduledEventLeadTime).toEqualTypeOf<'immediate' | 'grace' | number>();
    expectTypeOf(settings).not.toHaveProperty('queueUrl');
    expect(settings).not.toHaveProperty('queueUrl');
  });

  it('say that the name of the node is missing', () => {
    expect(problemsOf(loadImdsAgentSettings({ argv: [], env: { NODE_NAME: '' } }))).toEqual([
      'NODE_NAME is missing: set NODE_NAME or --node-name to the name of a Kubernetes node',
    ]);
  });

  it('refuse the value that asks for the queue', () => {
    expect(problemsOf(agent({ ENABLE_SQS_TERMINATION_DRAINING: 'true' }))).toEqual([
      expect.stringContaining('run queue-processor'),
    ]);
    expect(run(agent({ ENABLE_SQS_TERMINATION_DRAINING: 'false' })).warnings).toEqual([]);
  });

  it('name the settings that only the other program uses', () => {
    expect(run(agent({ WORKERS: '5', QUEUE_URL: 'nonsense' }, '--heartbeat-interval=30')).warnings).toEqual([
      'imds-agent does not use: QUEUE_URL, WORKERS, --heartbeat-interval',
    ]);
  });

  it('warn when nothing is watched', () => {
    const off = { ENABLE_SPOT_INTERRUPTION_DRAINING: 'false', ENABLE_SCHEDULED_EVENT_DRAINING: '0' };
    expect(run(agent(off)).warnings).toEqual([expect.stringContaining('switched off')]);
    expect(run(agent({ ...off, REBALANCE_ACTION: 'cordon' })).warnings).toEqual([]);
  });

  it('warn of a completion from the agent that nothing leads to', () => {
    expect(run(agent({ COMPLETE_LIFECYCLE_ACTION_FROM_AGENT: 'true' })).warnings).toEqual([
      expect.stringContaining('ENABLE_ASG_LIFECYCLE_DRAINING'),
    ]);
  });
});

describe('the settings of queue-processor', () => {
  it('need nothing but the queue', () => {
    const { settings } = run(queue());
    expect(settings).toMatchObject({
      queueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/q',
      nodeName: undefined,
      workers: 100,
      sqsMsgVisibilityTimeoutSeconds: 20,
      heartbeatIntervalSeconds: undefined,
      heartbeatUntilSeconds: undefined,
      completeLifecycleActionDelaySeconds: undefined,
      poisonMessages: undefined,
      checkTagBeforeDraining: true,
      managedTag: { key: 'aws-node-termination-handler/managed' },
      webhookEvents: ['drained', 'failed'],
    });
    expectTypeOf(settings.queueUrl).toEqualTypeOf<string>();
    expectTypeOf(settings.nodeName).toEqualTypeOf<string | undefined>();
    expectTypeOf(settings.heartbeatIntervalSeconds).toEqualTypeOf<number | 'auto' | undefined>();
  });

  it('refuse the value that asks for the instance metadata', () => {
    expect(problemsOf(queue({ ENABLE_SQS_TERMINATION_DRAINING: 'false' }))).toEqual([
      expect.stringContaining('run imds-agent'),
    ]);
  });

  it.each([
    [{ HEARTBEAT_INTERVAL: '30' }, 30, 172_800],
    [{ HEARTBEAT_INTERVAL: 'auto' }, 'auto', 172_800],
    [{ HEARTBEAT_INTERVAL: '60', HEARTBEAT_UNTIL: '60' }, 60, 60],
    [{ HEARTBEAT_INTERVAL: '-1', HEARTBEAT_UNTIL: '-1' }, undefined, undefined],
  ])('read heartbeats from %o', (env, interval, until) => {
    expect(run(queue(env)).settings).toMatchObject({
      heartbeatIntervalSeconds: interval,
      heartbeatUntilSeconds: until,
    });
  });

  it.each([
    [{ HEARTBEAT_INTERVAL: '29' }, 'from 30 to 3600'],
    [{ HEARTBEAT_INTERVAL: '3601' }, 'from 30 to 3600'],
    [{ HEARTBEAT_INTERVAL: '30', HEARTBEAT_UNTIL: '59' }, 'from 60 to 172800'],
    [{ HEARTBEAT_INTERVAL: '61', HEARTBEAT_UNTIL: '60' }, 'must not be above HEARTBEAT_UNTIL'],
    [{ HEARTBEAT_UNTIL: '60' }, 'without HEARTBEAT_INTERVAL'],
  ])('refuse heartbeats from %o', (env, problem) => {
    expect(problemsOf(queue(env))).toEqual([expect.stringContaining(problem)]);
  });
});

describe('rules of both programs', () => {
  it('refuse two templates', () => {
    expect(problemsOf(agent({ WEBHOOK_URL: 'http://x', WEBHOOK_TEMPLATE: '{}', WEBHOOK_TEMPLATE_FILE: '/t' }))).toEqual(
      [expect.stringContaining('give one of them')],
    );
  });

  it('refuse two formats of the log', () => {
    expect(problemsOf(agent({ JSON_LOGGING: 'true', LOG_FORMAT: 'logfmt' }))).toEqual([
      'JSON_LOGGING=true and LOG_FORMAT=logfmt are both set: give one of them',
    ]);
    expect(run(agent({ JSON_LOGGING: 'true', LOG_FORMAT: 'json' })).settings.logFormat).toBe('json');
    expect(run(agent({ JSON_LOGGING: 'false', LOG_FORMAT: 'logfmt' })).settings.logFormat).toBe('logfmt');
  });

  it('refuse a preset with a template', () => {
    const preset = { WEBHOOK_URL: 'http://x', WEBHOOK_PRESET: 'Slack' };
    expect(problemsOf(agent({ ...preset, WEBHOOK_TEMPLATE: '{}' }))).toEqual([
      'WEBHOOK_PRESET=slack and WEBHOOK_TEMPLATE are both set: give one of them',
    ]);
    expect(problemsOf(queue({ ...preset, WEBHOOK_TEMPLATE_FILE: '/t' }))).toEqual([
      'WEBHOOK_PRESET=slack and WEBHOOK_TEMPLATE_FILE are both set: give one of them',
    ]);
    expect(run(agent(preset)).warnings).toEqual([]);
    expect(run(agent({ WEBHOOK_PRESET: 'slack' })).warnings).toEqual([
      'a webhook preset is given, but WEBHOOK_URL is not: no webhook will be sent',
    ]);
  });

  it('refuse one port for two servers', () => {
    const both = { ENABLE_PROMETHEUS_SERVER: 't', ENABLE_PROBES_SERVER: 't', PROBES_SERVER_PORT: '9092' };
    expect(problemsOf(queue(both))).toEqual([expect.stringContaining('are both 9092')]);
    run(queue({ ...both, PROBES_SERVER_PORT: '0', PROMETHEUS_SERVER_PORT: '0' }));
  });

  it('warn of settings without effect', () => {
    expect(
      run(queue({ WEBHOOK_TEMPLATE: '{}', KUBE_API_BURST: '5', ENABLE_OUT_OF_SERVICE_TAINT: '1', CORDON_ONLY: '1' }))
        .warnings,
    ).toEqual([
      expect.stringContaining('no webhook will be sent'),
      expect.stringContaining('KUBE_API_QPS'),
      expect.stringContaining('CORDON_ONLY'),
    ]);
  });
});
