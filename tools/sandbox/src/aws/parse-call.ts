import type { IncomingHttpHeaders } from 'node:http';
import type { AwsService } from './call.ts';
import { parseQueryForm } from './query/form.ts';
import type { QueryForm } from './query/form.ts';
import { parseFields } from './sqs/observe.ts';

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
