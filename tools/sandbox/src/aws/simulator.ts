import { linkSignals, systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { randomUUID } from 'node:crypto';
import { createFaultBook } from '../fault-book.ts';
import type { FaultBook, Recorded } from '../fault-book.ts';
import { answerWithFault } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { readBody, startLoopbackServer } from '../http/server.ts';
import { answerAutoScaling } from './auto-scaling/api.ts';
import { createAutoScalingGroups } from './auto-scaling/groups.ts';
import type { AutoScalingGroups } from './auto-scaling/groups.ts';
import type { PowerAction } from './auto-scaling/moves.ts';
import { AwsServiceError, errorAnswer, parseCall } from './call.ts';
import type { AwsCall, AwsService, ParsedCall } from './call.ts';
import { describeInstanceStatus } from './ec2/describe-instance-status.ts';
import { describeInstances } from './ec2/describe-instances.ts';
import { createEc2Store } from './ec2/instances.ts';
import type { Ec2Store } from './ec2/instances.ts';
import { defaultOrigin } from './events.ts';
import { createSenders } from './senders.ts';
import type { EventSenders } from './senders.ts';
import { createSqsSimulator } from './sqs/simulator.ts';
import type { QueueOptions, SqsSimulator } from './sqs/simulator.ts';
import { throttle } from './throttle.ts';
import type { CallRate } from './throttle.ts';

/** What the simulated AWS is started with. */
export interface AwsOptions {
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `123456789012`. */
  readonly accountId?: string;
  /** Name of the queue that the events go to. Default `interruptions`. */
  readonly queueName?: string;
  readonly queue?: QueueOptions;
  /** How long EC2 takes for what a group has it do, in ms. Default 0. */
  readonly powerMs?: number;
  /** Default: the machine's, which is also the only one that the queues themselves know. */
  readonly clock?: Clock;
}

/** The simulated AWS: SQS, EC2 and Auto Scaling behind one endpoint. */
export interface AwsSimulator extends AsyncDisposable, EventSenders {
  /** For `AWS_ENDPOINT`. */
  readonly url: string;
  readonly region: string;
  readonly accountId: string;
  /** For `QUEUE_URL`. */
  readonly queueUrl: string;
  readonly sqs: SqsSimulator;
  readonly ec2: Ec2Store;
  readonly autoScaling: AutoScalingGroups;
  /** Every call of a client, oldest first; the sandbox's own sends are not among them. */
  readonly calls: (service?: AwsService, action?: string) => readonly AwsCall[];
  /** Calls of actions that the sandbox doesn't know: each was answered with an error. */
  readonly unknownCalls: () => readonly AwsCall[];
  readonly faults: FaultBook<AwsCall>;
  /** Throttles a service's clients; call the answer to lift it. */
  readonly throttle: (service: AwsService, rate: CallRate) => () => void;
  /** Connections are refused until {@link AwsSimulator.resume}. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/** What a group has EC2 do. An instance that runs already is not started again. */
const powerActions: Readonly<Record<PowerAction, (ec2: Ec2Store, instanceId: string) => void>> = {
  start: (ec2, instanceId) => ec2.setState(instanceId, 'running'),
  stop: (ec2, instanceId) => ec2.setState(instanceId, 'stopped'),
  hibernate: (ec2, instanceId) => ec2.hibernate(instanceId),
  'replace-root-volume': (ec2, instanceId) => ec2.reboot(instanceId),
  terminate: (ec2, instanceId) => ec2.setState(instanceId, 'terminated'),
};

/** Starts SQS, EC2 and Auto Scaling behind one HTTP endpoint on the loopback interface. */
export async function startAws(options: AwsOptions = {}): Promise<AwsSimulator> {
  const { region = defaultOrigin.region, accountId = defaultOrigin.account, queueName = 'interruptions' } = options;
  const { clock = systemClock, powerMs = 0 } = options;
  const faults = createFaultBook<AwsCall>();
  const calls: AwsCall[] = [];
  const unknownCalls: AwsCall[] = [];
  const ec2 = createEc2Store(region, clock);
  /** What a client of another region sees. */
  const elsewhere = createEc2Store(region, clock);
  let baseUrl = '';
  const sqs = createSqsSimulator({ clock, baseUrl: () => baseUrl, region, accountId, mainQueue: queueName });
  const sending = new Set<Promise<unknown>>();
  const autoScaling = createAutoScalingGroups({
    clock,
    powerMs,
    power: (instanceId, action) => {
      if (ec2.get(instanceId) !== undefined) powerActions[action](ec2, instanceId);
    },
    onWait: (action) => {
      const sent = senders.resendLifecycleAction(action).finally(() => sending.delete(sent));
      sending.add(sent);
    },
  });
  const senders = createSenders(sqs, autoScaling, { account: accountId, region, clock });

  /** Carries out a call; undefined for one that the sandbox doesn't simulate. */
  const carryOut = async (
    { service, action, form, region: asked = region }: ParsedCall,
    body: string,
    requestId: string,
    gone: AbortSignal,
  ) => {
    switch (service) {
      case 'sqs':
        return sqs.call(action, body, gone);
      case 'ec2': {
        const instances = asked === region ? ec2 : elsewhere;
        if (action === 'DescribeInstances') return describeInstances(instances, form, accountId, requestId);
        return action === 'DescribeInstanceStatus' ? describeInstanceStatus(instances, form, requestId) : undefined;
      }
      case 'autoscaling':
        return answerAutoScaling(autoScaling, ec2, form, requestId);
      case 'unknown':
        return undefined;
    }
  };

  const server = await startLoopbackServer(async (request, response, closed) => {
    const at = clock.now();
    const body = await readBody(request);
    const call = parseCall(request.headers, body);
    const { service, action, input, accessKeyId } = call;
    const requestId = randomUUID();
    const record: Recorded<AwsCall> = {
      at,
      service,
      action,
      input,
      accessKeyId,
      region: call.region,
      status: undefined,
      answeredAt: undefined,
    };
    calls.push(record);
    const gone = linkSignals([]);
    response.once('close', () => gone.abort());

    let received: Answer | undefined;
    const work = async (): Promise<Answer> => {
      try {
        if (accessKeyId === undefined) {
          throw new AwsServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
        }
        const answer = await carryOut(call, body, requestId, gone.signal);
        if (answer === undefined) {
          unknownCalls.push(record);
          throw new AwsServiceError('InvalidAction', `The action ${action} is not valid for this web service.`);
        }
        if (action === 'ReceiveMessage') received = answer;
        return answer;
      } catch (error) {
        if (error instanceof AwsServiceError) return errorAnswer(service, error, requestId);
        throw error;
      }
    };
    response.setHeader('x-amzn-requestid', requestId);
    const { delivery, status } = await answerWithFault(response, {
      clock,
      closed,
      fault: faults.take(record),
      work,
      formatError: (error) => errorAnswer(service, { ...error, status: error.status ?? 400 }, requestId),
    });
    if (received !== undefined && delivery !== 'sent') sqs.undelivered(received);
    record.status = status;
    record.answeredAt = clock.now();
  });
  baseUrl = server.url;
  const queueUrl = await sqs.createQueue(queueName, options.queue);
  return {
    url: baseUrl,
    region,
    accountId,
    queueUrl,
    sqs,
    ec2,
    autoScaling,
    calls: (service, action) =>
      calls.filter((call) => call.service === (service ?? call.service) && call.action === (action ?? call.action)),
    unknownCalls: () => unknownCalls,
    faults,
    throttle: (service, rate) => throttle(faults, service, rate, clock.now()),
    ...senders,
    pause: server.pause,
    resume: server.resume,
    [Symbol.asyncDispose]: async () => {
      autoScaling[Symbol.dispose]();
      await Promise.all(sending);
      await server[Symbol.asyncDispose]();
      await sqs[Symbol.asyncDispose]();
    },
  };
}
