import type { Answer } from '../../http/answer.ts';
import { element, xmlDocument } from '../query-protocol.ts';
import type { Xml } from '../query-protocol.ts';

const namespace = { xmlns: 'http://autoscaling.amazonaws.com/doc/2011-01-01/' };

/** A success on the wire. */
export function autoScalingResponse(action: string, result: readonly Xml[], requestId: string): Answer {
  const root = element(
    `${action}Response`,
    [element(`${action}Result`, result), element('ResponseMetadata', [element('RequestId', requestId)])],
    namespace,
  );
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: xmlDocument(root) };
}

/** A failure on the wire. */
export function autoScalingErrorResponse(
  error: { readonly code: string; readonly message: string; readonly status: number },
  requestId: string,
): Answer {
  const root = element(
    'ErrorResponse',
    [
      element('Error', [
        element('Type', error.status < 500 ? 'Sender' : 'Receiver'),
        element('Code', error.code),
        element('Message', error.message),
      ]),
      element('RequestId', requestId),
    ],
    namespace,
  );
  return { status: error.status, headers: { 'content-type': 'text/xml' }, body: xmlDocument(root) };
}
