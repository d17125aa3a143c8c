import { connectAws } from './aws.ts';
import type { BaselineAws } from './aws.ts';
import { cordonAndDrain } from './drain.ts';
import { connectKubernetes } from './kubernetes.ts';
import { EventStore } from './store.ts';

const RECEIVE_MS = 2_000;

interface Envelope {
  readonly id: string;
  readonly detail: Readonly<Record<string, string>>;
}

interface Received {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** Receives ten messages every two seconds, describes the instance of each, and keeps no message invisible. */
export function runProcessor(env: NodeJS.ProcessEnv): void {
  const aws = connectAws(env);
  const call = connectKubernetes(env);
  const store = new EventStore(Number(env.WORKERS ?? 10), async (event) => {
    await cordonAndDrain(call, event.node, event.id);
    await event.done();
  });
  const receive = async (): Promise<void> => {
    const { Messages = [] } = await aws.sqs('ReceiveMessage', {
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 20,
      VisibilityTimeout: 20,
    });
    await Promise.all((Messages as readonly Received[]).map((message) => take(aws, store, message)));
  };
  let isReceiving = false;
  setInterval(() => {
    if (isReceiving) return;
    isReceiving = true;
    void receive()
      .catch(() => undefined)
      .finally(() => (isReceiving = false));
  }, RECEIVE_MS);
}

async function take(aws: BaselineAws, store: EventStore, { Body, ReceiptHandle }: Received): Promise<void> {
  const remove = async (): Promise<void> => {
    await aws.sqs('DeleteMessage', { ReceiptHandle });
  };
  const { id, detail } = JSON.parse(Body) as Envelope;
  const instance = detail.EC2InstanceId ?? detail['instance-id'] ?? '';
  const description = await aws
    .query('ec2', { Action: 'DescribeInstances', 'InstanceId.1': instance })
    .catch(() => undefined);
  const node = description && /<privateDnsName>([^<]+)/.exec(description)?.[1];
  if (node === undefined || !description?.includes('aws-node-termination-handler/managed')) {
    await remove();
    return;
  }
  const complete = async (): Promise<void> => {
    if (detail.LifecycleActionToken !== undefined) {
      await aws.query('autoscaling', {
        Action: 'CompleteLifecycleAction',
        AutoScalingGroupName: detail.AutoScalingGroupName ?? '',
        LifecycleHookName: detail.LifecycleHookName ?? '',
        LifecycleActionToken: detail.LifecycleActionToken,
        InstanceId: instance,
        LifecycleActionResult: 'CONTINUE',
      });
    }
    await remove();
  };
  store.add({ id, node, done: complete });
}
