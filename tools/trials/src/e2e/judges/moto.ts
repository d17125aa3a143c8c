import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@node-termination-handler/control-plane';
import { SkipCase } from '../../case.ts';
import { freePort } from '../../program.ts';
import { eventually } from '../../wait.ts';
import type { Scene } from '../scene.ts';

const run = promisify(execFile);
const version = '5.2.5';
const region = 'us-east-1';

/** A running moto server, spoken to on the wire. */
export interface Moto {
  readonly url: string;
  readonly region: string;
  createQueue(name: string): Promise<string>;
  send(queueUrl: string, body: string): Promise<void>;
  /** Messages that are visible or in flight. */
  depth(queueUrl: string): Promise<number>;
  runInstance(tags: Readonly<Record<string, string>>): Promise<{ instanceId: string; privateDnsName: string }>;
  /** Makes a group of one instance with a termination hook and a warm pool. @returns the instance's id */
  createGroup(group: MotoGroup): Promise<string>;
}

/** What a group is made with. */
interface MotoGroup {
  readonly name: string;
  readonly hook: string;
  readonly timeoutSeconds: number;
}

/** Calls Auto Scaling at an endpoint. @returns the answer's XML */
export async function callAutoScaling(
  url: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: '2011-01-01', ...parameters });
  const response = await fetch(url, { method: 'POST', headers: signedFor('autoscaling'), body });
  const xml = await response.text();
  if (!response.ok) throw new Error(`${action} at ${url}: ${response.status} ${xml}`);
  return xml;
}

/**
 * Starts moto's server: an SQS, an EC2 and an Auto Scaling that are not ours. It knows groups, hooks and pools, and moves no instance.
 *
 * @throws {@link SkipCase} where there is no Python, or moto can't be installed.
 * @see https://docs.getmoto.org/en/latest/docs/server_mode.html
 */
export async function startMoto(scene: Scene): Promise<Moto> {
  const { plane } = scene.world;
  const command = await installMoto();
  const port = await freePort();
  const server = await plane.supervisor.start({
    name: 'moto',
    command,
    args: ['-H', '127.0.0.1', '-p', String(port)],
    logFile: `${plane.directory}/moto-${scene.id}.log`,
  });
  scene.use({
    [Symbol.asyncDispose]: async () => {
      await server.stop();
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually('moto to answer', () => fetch(`${url}/moto-api/`).then(({ ok }) => ok), 60_000);

  const sqs = async (action: string, input: object) => {
    const headers = {
      ...signedFor('sqs'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
    if (!response.ok) throw new Error(`moto ${action}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  };
  return {
    url,
    region,
    createQueue: async (QueueName) => String((await sqs('CreateQueue', { QueueName })).QueueUrl),
    async send(QueueUrl, MessageBody) {
      await sqs('SendMessage', { QueueUrl, MessageBody });
    },
    async depth(QueueUrl) {
      const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
      const attributes = Attributes as Record<string, string>;
      return Number(attributes.ApproximateNumberOfMessages) + Number(attributes.ApproximateNumberOfMessagesNotVisible);
    },
    async runInstance(tags) {
      const form = new URLSearchParams({
        Action: 'RunInstances',
        Version: '2016-11-15',
        ImageId: 'ami-12c6146b',
        MinCount: '1',
        MaxCount: '1',
      });
      if (Object.keys(tags).length > 0) form.set('TagSpecification.1.ResourceType', 'instance');
      Object.entries(tags).forEach(([key, value], index) => {
        form.set(`TagSpecification.1.Tag.${index + 1}.Key`, key);
        form.set(`TagSpecification.1.Tag.${index + 1}.Value`, value);
      });
      const response = await fetch(url, { method: 'POST', headers: signedFor('ec2'), body: form });
      const xml = await response.text();
      const [instanceId, privateDnsName] = ['instanceId', 'privateDnsName'].map(
        (name) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1],
      );
      if (instanceId === undefined || privateDnsName === undefined) throw new Error(`moto RunInstances: ${xml}`);
      return { instanceId, privateDnsName };
    },
    async createGroup({ name, hook, timeoutSeconds }) {
      const template = { LaunchConfigurationName: name, ImageId: 'ami-12c6146b', InstanceType: 'm6i.large' };
      await callAutoScaling(url, 'CreateLaunchConfiguration', template);
      await callAutoScaling(url, 'CreateAutoScalingGroup', {
        ...{ AutoScalingGroupName: name, LaunchConfigurationName: name },
        ...{ MinSize: '0', MaxSize: '2', DesiredCapacity: '1', 'AvailabilityZones.member.1': `${region}a` },
      });
      await callAutoScaling(url, 'PutLifecycleHook', {
        ...{ AutoScalingGroupName: name, LifecycleHookName: hook, HeartbeatTimeout: String(timeoutSeconds) },
        ...{ LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'CONTINUE' },
      });
      await callAutoScaling(url, 'PutWarmPool', {
        ...{ AutoScalingGroupName: name, PoolState: 'Stopped', MinSize: '0' },
        'InstanceReusePolicy.ReuseOnScaleIn': 'true',
      });
      const xml = await callAutoScaling(url, 'DescribeAutoScalingInstances', {});
      const instanceId = /<InstanceId>([^<]+)<\/InstanceId>/.exec(xml)?.[1];
      if (instanceId === undefined) throw new Error(`moto DescribeAutoScalingInstances: ${xml}`);
      return instanceId;
    },
  };
}

/** moto reads the service from the signature's scope and checks nothing else of it. */
function signedFor(service: string): Record<string, string> {
  const scope = `AKIDEXAMPLE/20260101/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

/** Installs moto into a Python environment of its own in the cache, once. */
async function installMoto(): Promise<string> {
  const folder = join(cacheFolder(), `moto-${version}`);
  const done = join(folder, 'installed');
  const server = join(folder, 'bin', 'moto_server');
  if (
    await access(done).then(
      () => true,
      () => false,
    )
  )
    return server;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--timeout=20',
      '--retries=2',
      `moto[server]==${version}`,
    ]);
    await writeFile(done, version);
    return server;
  } catch (error) {
    throw new SkipCase(`moto ${version} could not be installed by Python's pip: ${lastLine(error)}`, {
      cause: error,
    });
  }
}

function lastLine(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return said.trim().split('\n').at(-1) ?? String(error);
}
