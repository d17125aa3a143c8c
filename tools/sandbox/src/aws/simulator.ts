import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createFaultBook } from '../fault-book.ts';
import type { FaultBook } from '../fault-book.ts';
import { answerWithFault } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { readBody, startLoopbackServer } from '../http/server.ts';
import { autoScalingActions } from './auto-scaling/api.ts';
import { autoScalingErrorResponse, autoScalingResponse } from './auto-scaling/response.ts';
import { createAutoScalingStore } from './auto-scaling/store.ts';
import type { AutoScalingStore } from './auto-scaling/store.ts';
import { AwsServiceError, parseCall, parseCredential } from './call.ts';
import type { AwsCall, AwsService, ParsedCall } from './call.ts';
import { describeInstances, describeInstancesResponse, ec2ErrorResponse } from './ec2/describe-instances.ts';
import { createEc2Store } from './ec2/instances.ts';
import type { Ec2Store } from './ec2/instances.ts';
import { defaultOrigin } from './events.ts';
import { createSenders } from './senders.ts';
import type { EventSenders } from './senders.ts';
import { sqsErrorResponse } from './sqs/response.ts';
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
  readonly autoScaling: AutoScalingStore;
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

/** Writes an error the way the service that was called writes its errors. */
function errorAnswer(
  service: AwsService,
  error: { readonly code: string; readonly message: string; readonly status: number },
  requestId: string,
): Answer {
  switch (service) {
    case 'sqs':
      return sqsErrorResponse(error);
    case 'ec2':
      return ec2ErrorResponse(error, requestId);
    case 'autoscaling':
    case 'unknown':
      return autoScalingErrorResponse(error, requestId);
  }
}

/** Starts SQS, EC2 and Auto Scaling behind one HTTP endpoint on the loopback interface. */
export async function startAws(options: AwsOptions = {}): Promise<AwsSimulator> {
  const { region = defaultOrigin.region, accountId = defaultOrigin.account, queueName = 'interruptions' } = options;
  const faults = createFaultBook<AwsCall>();
  const calls: { -readonly [Field in keyof AwsCall]: AwsCall[Field] }[] = [];
  const unknownCalls: AwsCall[] = [];
  const ec2 = createEc2Store(region);
  const autoScaling = createAutoScalingStore((instanceId) => {
    if (ec2.get(instanceId) !== undefined) ec2.setState(instanceId, 'terminated');
  });
  let baseUrl = '';
  const sqs = createSqsSimulator({ baseUrl: () => baseUrl, region, accountId, mainQueue: queueName });

  const carryOut = async (call: ParsedCall, body: string, requestId: string): Promise<Answer | undefined> => {
    if (call.service === 'sqs') return sqs.call(call.action, body);
    if (call.service === 'ec2' && call.action === 'DescribeInstances') {
      return describeInstancesResponse(describeInstances(ec2, call.form), accountId, requestId);
    }
    const action = call.service === 'autoscaling' ? autoScalingActions.get(call.action) : undefined;
    return action && autoScalingResponse(call.action, action(autoScaling, call.form), requestId);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = Date.now();
    const body = await readBody(request);
    const call = parseCall(request.headers, body);
    const requestId = randomUUID();
    const { accessKeyId, region: signedFor } = parseCredential(request.headers.authorization);
    const record = {
      at,
      service: call.service,
      action: call.action,
      input: call.input,
      accessKeyId,
      region: signedFor,
      status: undefined as number | undefined,
      answeredAt: undefined as number | undefined,
    };
    calls.push(record);

    let received: Answer | undefined;
    const work = async (): Promise<Answer> => {
      try {
        if (accessKeyId === undefined) {
          throw new AwsServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
        }
        const answer = await carryOut(call, body, requestId);
        if (answer === undefined) {
          unknownCalls.push(record);
          throw new AwsServiceError('InvalidAction', `The action ${call.action} is not valid for this web service.`);
        }
        if (call.action === 'ReceiveMessage') received = answer;
        return answer;
      } catch (error) {
        if (error instanceof AwsServiceError) return errorAnswer(call.service, error, requestId);
        throw error;
      }
    };
    response.setHeader('x-amzn-requestid', requestId);
    const { delivery, status } = await answerWithFault(response, faults.take(record), work, (error) =>
      errorAnswer(call.service, { ...error, status: error.status ?? 400 }, requestId),
    );
    if (received !== undefined && delivery !== 'sent') sqs.undelivered(received);
    record.status = status;
    record.answeredAt = Date.now();
  };

  const server = await startLoopbackServer(handle);
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
      calls.filter(
        (call) =>
          (service === undefined || call.service === service) && (action === undefined || call.action === action),
      ),
    unknownCalls: () => unknownCalls,
    faults,
    throttle: (service, rate) => throttle(faults, service, rate),
    ...createSenders(sqs, autoScaling, { account: accountId, region }),
    pause: server.pause,
    resume: server.resume,
    [Symbol.asyncDispose]: async () => {
      autoScaling[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await sqs[Symbol.asyncDispose]();
    },
  };
}
