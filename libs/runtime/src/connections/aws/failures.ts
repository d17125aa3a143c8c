import { TimeLimitError } from '@node-termination-handler/clock';
import { HttpError, HttpTimeoutError } from '@node-termination-handler/http-client';
import { errorText } from '@node-termination-handler/logger';
import type { CallResult } from '@node-termination-handler/metrics';
import { CredentialsError, isMissingRight, isRevoked } from './credentials.ts';

/** One call of a service, as far as an error about it has to tell. */
export interface AwsCall {
  /** `SQS`, `EC2`, `Auto Scaling`. */
  readonly service: string;
  /** `ReceiveMessage`. */
  readonly action: string;
  readonly region: string;
  /** For calls of a queue. */
  readonly queueUrl?: string | undefined;
}

/** A call has no answer of its service: no credentials, no connection, no end in time. The cause says why. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError';
}

/** What an error of the SDK has that is a service's answer. */
interface ServiceFailure extends Error {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode?: number | undefined };
}

/**
 * Puts a failure into words: service, action, region, account where it is known, what the service says, and what to do.
 *
 * A service's answer stays the error that it is – its class, code and metadata are what callers act on – with another message.
 */
export function explainFailure(call: AwsCall, error: unknown): Error {
  if (isServiceFailure(error)) {
    error.message = refusal(call, error);
    return error;
  }
  const advice = adviceOnConnection(error);
  const text = `${place(call)} failed: ${errorText(error)}${advice === undefined ? '' : `; ${advice}`}`;
  return new AwsCallError(text, { cause: error });
}

/** The code of a service's answer; `undefined` where the service has given none. */
export function codeOf(error: unknown): string | undefined {
  return isServiceFailure(error) ? error.name : undefined;
}

/** Whether a service refuses a call because the role does not allow it. */
export function lacksRight(error: unknown): boolean {
  return isMissingRight(codeOf(error) ?? '');
}

/** Whether a refusal says that a lifecycle action waits no longer. Auto Scaling has no code of its own for this; the words are its reference's. */
export function saysNoActiveAction(message: string): boolean {
  return /No active Lifecycle Action found/i.test(message);
}

function isServiceFailure(error: unknown): error is ServiceFailure {
  return error instanceof Error && '$fault' in error && '$metadata' in error;
}

function place({ service, action, region, queueUrl }: AwsCall): string {
  return `${service} ${action} in ${region}${queueUrl === undefined ? '' : ` (${queueUrl})`}`;
}

function refusal(call: AwsCall, error: ServiceFailure): string {
  const said = error.message.replace(/\s*Encoded authorization failure message: \S+/, '').trim();
  const advice = adviceOnRefusal(call, error.name, said);
  const { httpStatusCode: status } = error.$metadata;
  const words = said === '' || said === 'UnknownError' ? `status ${status ?? '?'}` : said;
  return `${place(call)} was refused (${error.name}): ${words}${advice === undefined ? '' : `; ${advice}`}`;
}

function adviceOnRefusal(call: AwsCall, code: string, said: string): string | undefined {
  if (isMissingRight(code)) return missingRight(call, said);
  if (isRevoked(code))
    return 'the credentials are expired, revoked, or those of another partition: they are read again';
  if (/NonExistentQueue|QueueDoesNotExist/.test(code)) return `${account(call.queueUrl)}check QUEUE_URL`;
  if (/^(?:SignatureDoesNotMatch|InvalidSignatureException)$/.test(code))
    return 'check the keys and the clock of the node';
  if (code.startsWith('KMS') || code.startsWith('Kms')) return 'allow kms:Decrypt on the key of the queue to the role';
  if (code === 'OptInRequired') return `the account has not opted in to ${call.region}`;
  return undefined;
}

const PREFIXES: Readonly<Record<string, string>> = {
  SQS: 'sqs',
  EC2: 'ec2',
  'Auto Scaling': 'autoscaling',
  STS: 'sts',
};

/** What IAM calls a service in the names of its actions. */
export function iamPrefix({ service }: Pick<AwsCall, 'service'>): string {
  return PREFIXES[service] ?? service.toLowerCase();
}

/**
 * What came of a call that failed, for its counter.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function resultOf(error: unknown): CallResult {
  if (isServiceFailure(error)) {
    const {
      name: code,
      message,
      $metadata: { httpStatusCode: status },
    } = error;
    if (isMissingRight(code) || isRevoked(code) || /^Signature|^InvalidSignature/.test(code)) return 'denied';
    if (status === 429 || /Throttl|TooManyRequests|RequestLimitExceeded|OverLimit/.test(code)) return 'throttled';
    if (/NotFound|NonExistent|DoesNotExist/.test(code) || saysNoActiveAction(message)) return 'not_found';
    return code.includes('Contention') ? 'conflict' : 'error';
  }
  if (error instanceof AwsCallError) return resultOf(error.cause);
  if (error instanceof CredentialsError) return 'denied';
  if (error instanceof TimeLimitError || error instanceof HttpTimeoutError) return 'timeout';
  return error instanceof HttpError ? 'unreachable' : 'error';
}

/**
 * Names the IAM action that is missing, on what and for whom, from the service's words or else from the call.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function missingRight({ service, action, queueUrl }: AwsCall, said: string): string {
  const [, spelled] = /not authorized to perform: ([\w-]+:\w+)/.exec(said) ?? [];
  // The actions of a batch are those of its entries: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
  const own = `${iamPrefix({ service })}:${action.replace(/Batch$/, '')}`;
  const [, resource] = /on resource: (\S+)/.exec(said) ?? [];
  const [, accountId, role] = /arn:[\w-]+:sts::(\d+):assumed-role\/([^/\s]+)/.exec(said) ?? [];
  const who = role === undefined ? 'the role' : `the role ${role} of account ${accountId}`;
  const what = `${spelled ?? own}${resource === undefined ? '' : ` on ${resource}`}`;
  const [, policy] = /explicit deny in an? ([\w -]+?)(?=[:.,]|$)/.exec(said) ?? [];
  if (policy !== undefined) return `an explicit deny in the ${policy} forbids ${what} to ${who}`;
  return `${resource === undefined ? account(queueUrl) : ''}allow ${what} to ${who}`;
}

/** The account of a queue, which is not always the account that the credentials are of. */
function account(queueUrl: string | undefined): string {
  const [, id] = /\/(\d{12})\//.exec(queueUrl ?? '') ?? [];
  return id === undefined ? '' : `the queue is of account ${id}; `;
}

function adviceOnConnection(error: unknown): string | undefined {
  if (error instanceof CredentialsError) return undefined;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return 'check AWS_REGION, the DNS of the pod, endpoints of the VPC, and HTTPS_PROXY';
  }
  if (typeof code === 'string' && /CERT|SIGNED|ISSUER/.test(code)) {
    return 'give the authority of a proxy that reads along by caBundle (NODE_EXTRA_CA_CERTS)';
  }
  if (error instanceof HttpError && error.stage === 'connection') {
    return 'check the network policy, security groups, endpoints of the VPC, HTTPS_PROXY and NO_PROXY';
  }
  return undefined;
}
