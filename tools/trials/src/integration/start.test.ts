import { pod } from '@node-termination-handler/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../program.ts';
import { readSpecification } from './testing/specification.ts';
import { eventually, NODE, podNames, specOf, startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const programs = ['imds-agent', 'queue-processor'] as const;

async function outputOf(program: Program): Promise<readonly [number | null, string]> {
  const code = await program.exit;
  return [code, program.output];
}

describe('a program asked a question', () => {
  it.each(programs)('%s lists every setting that it has, and no other', async (name) => {
    const [code, help] = await outputOf(Program.start(name, {}, { args: ['--help'] }));
    expect(code).toBe(0);
    const rows = readSpecification().filter(({ programs: those }) => those.includes(name));
    expect(rows.length).toBeGreaterThan(30);
    for (const { variable, flags } of rows) {
      expect(help).toMatch(new RegExp(`\\b${variable}\\b`));
      for (const flag of flags) expect(help).toContain(flag);
    }
    for (const { variable, programs: those } of readSpecification()) {
      if (!those.includes(name)) expect(help).not.toMatch(new RegExp(`^.*\\b${variable}\\b.*--`, 'm'));
    }
  });

  it.each(programs)('%s says its version, and whether its configuration is good', async (name) => {
    expect(await outputOf(Program.start(name, {}, { args: ['--version'] }))).toEqual([
      0,
      expect.stringMatching(/\d+\.\d+\.\d+/),
    ]);
    const [code, said] = await outputOf(Program.start(name, {}, { args: ['--check'] }));
    expect(code).toBe(1);
    expect(said).toContain(name === 'imds-agent' ? 'NODE_NAME' : 'QUEUE_URL');
    const good = { NODE_NAME: 'n', QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/q' };
    const [goodCode, goodSaid] = await outputOf(Program.start(name, good, { args: ['--check'] }));
    expect([goodCode, goodSaid]).toEqual([0, expect.stringContaining('the configuration is valid')]);
  });
});

/** What the chart of the Go handler sets with values from its README, strings as it writes them; what is empty there is empty here. */
const chartOfGoHandler = {
  ENABLE_PROBES_SERVER: 'true',
  PROBES_SERVER_PORT: '0',
  PROBES_SERVER_ENDPOINT: '/healthz',
  LOG_LEVEL: 'INFO',
  JSON_LOGGING: 'true',
  LOG_FORMAT_VERSION: '2',
  ENABLE_PROMETHEUS_SERVER: 'true',
  PROMETHEUS_SERVER_PORT: '0',
  METADATA_TRIES: '3',
  DRY_RUN: 'false',
  CORDON_ONLY: 'false',
  TAINT_NODE: 'true',
  TAINT_EFFECT: 'NoSchedule',
  EXCLUDE_FROM_LOAD_BALANCERS: 'false',
  DELETE_LOCAL_DATA: 'true',
  IGNORE_DAEMON_SETS: 'true',
  GRACE_PERIOD: '',
  POD_TERMINATION_GRACE_PERIOD: '-1',
  NODE_TERMINATION_GRACE_PERIOD: '120',
  EMIT_KUBERNETES_EVENTS: 'true',
  KUBERNETES_EVENTS_EXTRA_ANNOTATIONS: 'first=annotation,sample.annotation/number=two',
  WEBHOOK_HEADERS: '{"Content-type":"application/json"}',
  WEBHOOK_TEMPLATE:
    '{"text":"[NTH][Instance Interruption] EventID: {{ .EventID }} - Kind: {{ .Kind }} - Instance: {{ .InstanceID }} - Node: {{ .NodeName }} - Description: {{ .Description }} - Start Time: {{ .StartTime }}"}',
  SPOT_POD_IP: '10.0.0.7',
};

describe('the variables of the Go handler', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.sandbox.kubernetes.put(pod({ name: 'web-1', node: NODE, owner: 'ReplicaSet' }));
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('start the agent as they are, and it drains', async () => {
    const program = world.imdsAgent({
      ...chartOfGoHandler,
      ENABLE_SQS_TERMINATION_DRAINING: 'false',
      ENABLE_SPOT_INTERRUPTION_DRAINING: 'true',
      ENABLE_SCHEDULED_EVENT_DRAINING: 'false',
      ENABLE_REBALANCE_MONITORING: 'true',
      ENABLE_REBALANCE_DRAINING: 'false',
      ENABLE_ASG_LIFECYCLE_DRAINING: 'true',
      UPTIME_FROM_FILE: '',
    });
    world.sandbox.imdsOf(NODE).setSpotInterruption({ action: 'terminate', time: new Date(Date.now() + 120_000) });
    await eventually(() => expect(podNames(world)).toEqual([]));
    expect(specOf(world).taints).toMatchObject([{ key: 'aws-node-termination-handler/spot-itn' }]);
    expect(program.log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await program.stop()).toBe(0);
  });

  it('start the queue processor as they are, the deprecated ones with a warning', async () => {
    const program = world.queueProcessor({
      ...chartOfGoHandler,
      NODE_NAME: NODE,
      ENABLE_SQS_TERMINATION_DRAINING: 'true',
      CHECK_ASG_TAG_BEFORE_DRAINING: 'true',
      CHECK_TAG_BEFORE_DRAINING: 'true',
      MANAGED_ASG_TAG: 'aws-node-termination-handler/managed',
      MANAGED_TAG: 'aws-node-termination-handler/managed',
      USE_PROVIDER_ID: 'false',
      COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS: '-1',
      DELETE_SQS_MSG_IF_NODE_NOT_FOUND: 'false',
      WORKERS: '10',
    });
    await eventually(() => expect(program.output).toContain('Started monitoring for events'));
    expect(program.output).toMatch(
      /CHECK_ASG_TAG_BEFORE_DRAINING.*deprecated|deprecated.*CHECK_ASG_TAG_BEFORE_DRAINING/,
    );
    expect(await program.stop()).toBe(0);
  });
});
