import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer.ts';
import { parseRecord } from '../json-value.ts';
import { parseQueryForm, xmlAnswer } from './query-protocol.ts';
import type { QueryForm } from './query-protocol.ts';

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

/** What a call's HTTP request says. */
export interface ParsedCall extends Pick<AwsCall, 'service' | 'action' | 'input' | 'accessKeyId' | 'region'> {
  /** The form of a query-protocol call. */
  readonly form: QueryForm;
}

const servicesByVersion: Readonly<Record<string, AwsService>> = {
  '2016-11-15': 'ec2',
  '2011-01-01': 'autoscaling',
};

/**
 * Tells which service a request is for, and who signed it. All services share one endpoint, so the protocol tells: SQS names its
 * action in `X-Amz-Target`, the query services name it in the form, next to a version that each has for its own.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function parseCall({ authorization, ...headers }: IncomingHttpHeaders, body: string): ParsedCall {
  const [, accessKeyId, region] = /Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\//.exec(authorization ?? '') ?? [];
  const target = headers['x-amz-target'];
  const form = parseQueryForm(target === undefined ? body : '');
  if (typeof target === 'string') {
    const [prefix, action = ''] = target.split('.', 2);
    const service = prefix === 'AmazonSQS' ? 'sqs' : 'unknown';
    return { service, action, input: parseRecord(body), form, accessKeyId, region };
  }
  const service = servicesByVersion[form.version] ?? 'unknown';
  return { service, action: form.action, input: form.all, form, accessKeyId, region };
}

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

/** How Auto Scaling's answers are written. */
export const autoScalingXml = {
  namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
  contentType: 'text/xml',
};

/** How EC2's answers are written. */
export const ec2Xml = {
  namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  contentType: 'text/xml;charset=UTF-8',
};

/** A failure the way the service that was called writes its failures: each has its own form. */
export function errorAnswer(
  service: AwsService,
  { code, message, status }: Pick<AwsServiceError, 'code' | 'message' | 'status'>,
  requestId: string,
): Answer {
  const fault = status < 500 ? 'Sender' : 'Receiver';
  switch (service) {
    case 'sqs':
      return {
        status,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${code};${fault}` },
        body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
      };
    case 'ec2': {
      const content = { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId };
      return xmlAnswer(status, 'Response', content, { contentType: ec2Xml.contentType });
    }
    case 'autoscaling':
    case 'unknown': {
      const content = { Error: { Type: fault, Code: code, Message: message }, RequestId: requestId };
      return xmlAnswer(status, 'ErrorResponse', content, autoScalingXml);
    }
  }
}
