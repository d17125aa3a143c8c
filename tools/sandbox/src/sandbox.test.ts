import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { access, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pod } from './kubernetes/builders.ts';
import { TestClient } from './kubernetes/testing/client.ts';
import { startSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { awsClients } from './testing/aws-clients.ts';
import { eventually } from './testing/eventually.ts';
import { exchange } from './testing/http.ts';

const [agentNode, queueNode] = ['ip-10-0-0-1.ec2.internal', 'ip-10-0-0-2.ec2.internal'];
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({
    nodes: [
      { name: agentNode, imds: true },
      { name: queueNode, group: 'workers', managed: false, spot: false, tags: { team: 'blue' } },
    ],
    hooks: [{ name: 'drain', group: 'workers', transition: 'autoscaling:EC2_INSTANCE_TERMINATING' }],
  });
});
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]();
});

describe('the sandbox', () => {
  it('gives each node an instance, by which the cluster and EC2 agree', async () => {
    using clients = awsClients(sandbox.aws.url);
    const node = sandbox.kubernetes.get({ kind: 'Node', name: queueNode });
    const instanceId = sandbox.instanceIdOf(queueNode);
    expect(node?.spec).toMatchObject({ providerID: `aws:///us-east-1a/${instanceId}` });
    const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      PrivateDnsName: queueNode,
      Tags: [{ Key: 'team', Value: 'blue' }],
    });
    expect(sandbox.aws.ec2.get(sandbox.instanceIdOf(agentNode))?.tags).toEqual({
      'aws-node-termination-handler/managed': 'true',
    });
  });

  it('puts the metadata service of a node under its instance', async () => {
    const imds = sandbox.imdsOf(agentNode);
    imds.setMode('v2-optional');
    const answer = await exchange(`${imds.url}/latest/meta-data/instance-id`);
    expect(answer.body).toBe(sandbox.instanceIdOf(agentNode));
    expect(() => sandbox.imdsOf(queueNode)).toThrow(`no metadata service for node ${queueNode}`);
    expect(() => sandbox.instanceIdOf('elsewhere')).toThrow('no node elsewhere');
  });

  it('begins terminations in the group of a node', async () => {
    await sandbox.aws.sendLifecycleTermination(sandbox.instanceIdOf(queueNode));
    expect(sandbox.aws.autoScaling.actions()).toMatchObject([{ state: 'waiting', hook: { name: 'drain' } }]);
  });

  it('tells each program where everything is', async () => {
    const agent = sandbox.agentEnvironment(agentNode);
    expect(agent).toMatchObject({
      NODE_NAME: agentNode,
      INSTANCE_METADATA_URL: sandbox.imdsOf(agentNode).url,
      WEBHOOK_URL: sandbox.webhook.url,
    });
    expect(sandbox.queueProcessorEnvironment()).toMatchObject({
      QUEUE_URL: sandbox.aws.queueUrl,
      AWS_ENDPOINT: sandbox.aws.url,
      AWS_REGION: 'us-east-1',
    });
    const { NAMESPACE: namespace = '', CLAIM_LEASE_NAME: name = '' } = sandbox.queueProcessorEnvironment();
    expect(sandbox.kubernetes.get({ kind: 'Lease', namespace, name })).toBeDefined();
    expect(await readFile(agent.KUBECONFIG!, 'utf8')).toContain(sandbox.kubernetes.url);
  });

  it('tells what it was asked for and does not simulate', async () => {
    const answer = await fetch(sandbox.aws.url, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/ec2/aws4_request' },
      body: new URLSearchParams({ Action: 'StopInstances', Version: '2016-11-15' }),
    });
    expect(answer.status).toBe(400);
    expect(sandbox.unknown()).toEqual(['ec2 StopInstances']);
  });

  it('leaves nothing behind', async () => {
    const kubeconfig = sandbox.agentEnvironment(agentNode).KUBECONFIG!;
    await sandbox[Symbol.asyncDispose]();
    await expect(access(kubeconfig)).rejects.toThrow('ENOENT');
    await expect(fetch(sandbox.aws.url)).rejects.toThrow();
  });

  it('leaves no timer and no handle, whatever was under way', async () => {
    // What only passes through the loop holds nothing.
    const passing = ['Immediate', 'CloseReq'];
    const held = () => process.getActiveResourcesInfo().filter((resource) => !passing.includes(resource)).length;
    const before = held();
    const clock = new VirtualClock();
    const closing = await startSandbox({
      clock,
      nodes: [{ name: queueNode, group: 'workers', imds: true }],
      hooks: [{ name: 'drain', group: 'workers', transition: 'autoscaling:EC2_INSTANCE_TERMINATING' }],
      kubernetes: { nodeController: true, workloadController: true },
    });
    const { kubernetes, aws } = closing;
    const imds = closing.imdsOf(queueNode);
    kubernetes.put(pod({ name: 'web-1', node: queueNode, owner: 'ReplicaSet', endsAfterMs: 'hangs' }));
    await aws.sendLifecycleTermination(closing.instanceIdOf(queueNode));
    imds.faults.add({ delayMs: 60_000 });
    kubernetes.faults.add({ match: { resource: 'leases' }, effect: { kind: 'latency', ms: 60_000 } });

    using clients = awsClients(aws.url);
    const client = new TestClient(kubernetes);
    const future = kubernetes.revision + 1000;
    const pending = [
      exchange(`${imds.url}/latest/meta-data/`),
      client.get('/apis/coordination.k8s.io/v1/leases'),
      client.get(`/api/v1/pods?resourceVersion=${future}`),
      clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, WaitTimeSeconds: 20 })),
      clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, WaitTimeSeconds: 20 })),
    ].map((promise) => promise.catch(() => undefined));
    const watch = await client.watch('/api/v1/pods?watch=true');
    expect((await client.delete('/api/v1/namespaces/default/pods/web-1')).code).toBe(200);
    // The pod's end, the lifecycle action, the watch and its bookmarks, and three answers that wait.
    await eventually(() => clock.timers === 7);

    await closing[Symbol.asyncDispose]();
    expect(clock.timers).toBe(0);
    await Promise.all(pending);
    watch.close();
    client.close();
    clients[Symbol.dispose]();
    // Not by `eventually`, whose own timers would count.
    while (held() > before) await new Promise((resolve) => setImmediate(resolve));
  });
});
