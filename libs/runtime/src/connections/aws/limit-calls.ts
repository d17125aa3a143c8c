import { TimeLimitError, withTimeLimit } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { CallResult, Metrics } from '@node-termination-handler/metrics';
import { getSmithyContext } from '@smithy/core/transport';
import type { DeserializeHandler, HandlerExecutionContext, InitializeHandler, MiddlewareStack } from '@smithy/types';
import type { AwsCredentials, Credentials } from './credentials.ts';
import { AwsCallError, codeOf, explainFailure, iamPrefix, resultOf } from './failures.ts';
import type { AwsCall } from './failures.ts';

/** What the calls of a client are held to. */
export interface CallParts {
  readonly clock: Clock;
  /** How long a call may take in all, in milliseconds. */
  readonly withinMs: number;
  readonly region: string;
  readonly credentials: Pick<Credentials, 'refused'>;
  readonly metrics: Pick<Metrics, 'countAwsCall'>;
}

type Send = (command: object, options?: { readonly abortSignal?: AbortSignal }) => Promise<unknown>;

interface CallUnderWay {
  readonly call: AwsCall;
  /** Why its last try failed: the service's answer, or what kept it from coming. */
  lastFailure?: unknown;
}

/** Gives every call its total limit, asks once more with new credentials where they were refused, explains what fails, and counts. */
export function limitCalls(client: object, { clock, withinMs, region, credentials, metrics }: CallParts): void {
  // The clients of all services are of one make; only their commands differ, of which nothing is needed here.
  const sdk = client as unknown as { send: Send; readonly middlewareStack: MiddlewareStack<object, object> };
  const calls = new WeakMap<object, CallUnderWay>();
  const asking =
    (next: InitializeHandler<object, object>, context: HandlerExecutionContext): InitializeHandler<object, object> =>
    async (args) => {
      const call = describeCall(context, args.input, region);
      calls.set(commandOf(context), { call });
      try {
        return await next(args);
      } catch (error) {
        if (!(await credentials.refused(identityOf(context), codeOf(error) ?? ''))) throw error;
        return await next(args);
      }
    };
  // Around each try by itself.
  const noting =
    (next: DeserializeHandler<object, object>, context: HandlerExecutionContext): DeserializeHandler<object, object> =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const underWay = calls.get(commandOf(context));
        if (underWay !== undefined && !(error instanceof TimeLimitError)) underWay.lastFailure = error;
        throw error;
      }
    };
  sdk.middlewareStack.add(noting, { name: 'notingMiddleware', step: 'deserialize', priority: 'high' });
  sdk.middlewareStack.add(asking, { name: 'askingMiddleware', step: 'initialize', priority: 'high' });

  const send = sdk.send.bind(sdk);
  sdk.send = async (command, options = {}) => {
    const { abortSignal } = options;
    const limit = { clock, limitMs: withinMs, signals: [abortSignal] };
    const underWay = (): CallUnderWay => calls.get(command) ?? { call: { service: 'AWS', action: 'call', region } };
    let result: CallResult = 'ok';
    try {
      return await withTimeLimit(limit, (signal) => send(command, { ...options, abortSignal: signal }));
    } catch (error) {
      const { call, lastFailure } = underWay();
      // That the time is over says less than why the last try failed.
      const failure = error instanceof TimeLimitError ? (lastFailure ?? error) : error;
      result = abortSignal?.aborted === true ? 'cancelled' : resultOf(failure);
      abortSignal?.throwIfAborted();
      throw failure instanceof AwsCallError ? failure : explainFailure(call, failure);
    } finally {
      const { call } = underWay();
      metrics.countAwsCall(iamPrefix(call), call.action, result);
      calls.delete(command);
    }
  };
}

/** What the SDK calls its clients, and people the services. */
const SERVICES: Readonly<Record<string, string>> = {
  SQSClient: 'SQS',
  EC2Client: 'EC2',
  AutoScalingClient: 'Auto Scaling',
};

function describeCall(
  { clientName = '', commandName = '' }: HandlerExecutionContext,
  input: object,
  region: string,
): AwsCall {
  const queueUrl: unknown = Reflect.get(input, 'QueueUrl');
  return {
    service: SERVICES[clientName] ?? clientName.replace(/Client$/, ''),
    action: commandName.replace(/Command$/, ''),
    region,
    queueUrl: typeof queueUrl === 'string' ? queueUrl : undefined,
  };
}

/** The command that a call is made with, one for each. */
function commandOf(context: HandlerExecutionContext): object {
  return (getSmithyContext(context) as { readonly commandInstance?: object }).commandInstance ?? context;
}

/** What the request was signed with. */
function identityOf(context: HandlerExecutionContext): AwsCredentials | undefined {
  const { selectedHttpAuthScheme } = getSmithyContext(context) as {
    readonly selectedHttpAuthScheme?: { readonly identity?: AwsCredentials };
  };
  return selectedHttpAuthScheme?.identity;
}
