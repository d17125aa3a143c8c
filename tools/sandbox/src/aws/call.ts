import type { IncomingHttpHeaders } from 'node:http';
import { parseQueryForm } from './query-protocol.ts';
import type { QueryForm } from './query-protocol.ts';
import { parseFields } from './sqs/ledger.ts';

/** A failure that an AWS service answers with: its code, HTTP status and message. Thrown by the simulated actions. */
export class AwsServiceError extends Error {
  override readonly name = 'AwsServiceError';
  readonly code: string;
  /** HTTP status. */
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The services behind the sandbox's one AWS endpoint. */
export type AwsService = 'sqs' | 'ec2' | 'autoscaling' | 'unknown';

/** One call of an AWS client. Times in ms since the epoch. */
export interface AwsCall {
  readonly at: number;
  readonly service: AwsService;
  /** `ReceiveMessage`, `DescribeInstances`, `CompleteLifecycleAction`, … */
  readonly action: string;
  /** The parameters: the JSON body of SQS, the form fields of the others. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The access key that signed the call; undefined when it was not signed. */
  readonly accessKeyId: string | undefined;
  /** The region that the call was signed for. */
  readonly region: string | undefined;
  /** Undefined while unanswered, and when it never was. */
  readonly status: number | undefined;
  /** When it was answered. */
  readonly answeredAt: number | undefined;
}

/**
 * Reads who signed a call, and for which region.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function parseCredential(authorization: string | undefined): { accessKeyId?: string; region?: string } {
  const scope = /Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\//.exec(authorization ?? '');
  const [, accessKeyId, region] = scope ?? [];
  return { ...(accessKeyId !== undefined && { accessKeyId }), ...(region !== undefined && { region }) };
}

/** A call as it stands in its HTTP request. */
export interface ParsedCall {
  readonly service: AwsService;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The form of a query-protocol call. */
  readonly form: QueryForm;
}

const servicesByVersion: Readonly<Record<string, AwsService>> = {
  '2016-11-15': 'ec2',
  '2011-01-01': 'autoscaling',
};

/**
 * Tells which service a request is for. All of them share one endpoint, so the protocol tells: SQS names its
 * action in `X-Amz-Target`, the query services name it in the form, next to a version that each has for its own.
 */
export function parseCall(headers: IncomingHttpHeaders, body: string): ParsedCall {
  const target = headers['x-amz-target'];
  const form = parseQueryForm(target === undefined ? body : '');
  if (typeof target === 'string') {
    const [prefix, action = ''] = target.split('.', 2);
    return { service: prefix === 'AmazonSQS' ? 'sqs' : 'unknown', action, input: parseFields(body), form };
  }
  return { service: servicesByVersion[form.version] ?? 'unknown', action: form.action, input: form.all, form };
}
