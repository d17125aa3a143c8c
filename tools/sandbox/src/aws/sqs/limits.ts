import { isRecord, readList, readString } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';
import { AwsServiceError } from '../call.ts';

/** The longest that SQS hides a message after one delivery, in seconds. */
export const VISIBILITY_LIMIT_SECONDS = 43_200;

/** A change of visibility that SQS refuses, in its own words. */
interface Refusal {
  readonly Id: string;
  readonly SenderFault: true;
  readonly Code: 'InvalidParameterValue';
  readonly Message: string;
}

/**
 * Takes out of a change of visibility, or of a batch of them, what would hide a message for too long after its delivery.
 *
 * @param receivedAt when a receipt was given out, in ms since the epoch; undefined for one that is not known.
 * @returns the call without these entries, and their refusals for the answer.
 * @throws AwsServiceError when a single change is refused.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export function limitVisibility(
  action: string,
  input: JsonRecord,
  {
    receivedAt,
    limitSeconds,
    now,
  }: { receivedAt: (receipt: string) => number | undefined; limitSeconds: number; now: number },
): { readonly input: JsonRecord; readonly refused: readonly Refusal[] } {
  const tooLong = (fields: JsonRecord): string | undefined => {
    const at = receivedAt(readString(fields, 'ReceiptHandle') ?? '');
    const seconds = Number(fields.VisibilityTimeout);
    if (at === undefined || seconds === 0 || now + seconds * 1000 <= at + limitSeconds * 1000) return undefined;
    return `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${limitSeconds} seconds]`;
  };
  if (action === 'ChangeMessageVisibility') {
    const text = tooLong(input);
    if (text !== undefined) throw new AwsServiceError('InvalidParameterValue', text);
  }
  if (action !== 'ChangeMessageVisibilityBatch') return { input, refused: [] };
  const entries = readList(input, 'Entries').filter(isRecord);
  const refused = entries.flatMap((entry): Refusal[] => {
    const Message = tooLong(entry);
    if (Message === undefined) return [];
    return [{ Id: readString(entry, 'Id') ?? '', SenderFault: true, Code: 'InvalidParameterValue', Message }];
  });
  const isRefused = new Set(refused.map(({ Id }) => Id));
  return { input: { ...input, Entries: entries.filter(({ Id }) => !isRefused.has(String(Id))) }, refused };
}
