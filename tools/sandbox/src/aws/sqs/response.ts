import type { Answer } from '../../http/answer.ts';

/** A failure on the wire, in the AWS JSON protocol. */
export function sqsErrorResponse(error: {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}): Answer {
  return {
    status: error.status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': `${error.code};${error.status < 500 ? 'Sender' : 'Receiver'}`,
    },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message }),
  };
}
