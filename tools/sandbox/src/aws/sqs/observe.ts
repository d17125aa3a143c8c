import type { SqsLedger } from './ledger.ts';

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a JSON object; anything else is an empty one, since the emulator has judged the request already. */
export function parseFields(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function entries(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The name at the end of a queue's URL. */
export function queueName(queueUrl: unknown): string {
  return text(queueUrl).split('/').at(-1) ?? '';
}

/** The entries of a batch that its answer lists as successful. */
function successful(input: Fields, output: Fields): { entry: Fields; answer: Fields }[] {
  const answers = entries(output.Successful);
  return entries(input.Entries).flatMap((entry) => {
    const answer = answers.find((candidate) => candidate.Id === entry.Id);
    return answer === undefined ? [] : [{ entry, answer }];
  });
}

/**
 * Writes a successful SQS call into the ledger.
 * @param defaultVisibilitySeconds the queue's own visibility timeout, for a receive that names none
 */
export function observe(
  ledger: SqsLedger,
  action: string,
  input: Fields,
  output: Fields,
  defaultVisibilitySeconds: number,
): void {
  const queue = queueName(input.QueueUrl);
  switch (action) {
    case 'SendMessage':
      ledger.sent({ messageId: text(output.MessageId), queue, body: text(input.MessageBody) });
      break;
    case 'SendMessageBatch':
      for (const { entry, answer } of successful(input, output)) {
        ledger.sent({ messageId: text(answer.MessageId), queue, body: text(entry.MessageBody) });
      }
      break;
    case 'ReceiveMessage': {
      const asked = input.VisibilityTimeout;
      const seconds = typeof asked === 'number' ? asked : defaultVisibilitySeconds;
      for (const message of entries(output.Messages)) {
        const handle = text(message.ReceiptHandle);
        ledger.received(text(message.MessageId), queue, text(message.Body), handle, seconds);
      }
      break;
    }
    case 'ChangeMessageVisibility':
      ledger.visibilityChanged(text(input.ReceiptHandle), Number(input.VisibilityTimeout));
      break;
    case 'ChangeMessageVisibilityBatch':
      for (const { entry } of successful(input, output)) {
        ledger.visibilityChanged(text(entry.ReceiptHandle), Number(entry.VisibilityTimeout));
      }
      break;
    case 'DeleteMessage':
      ledger.deleted(text(input.ReceiptHandle));
      break;
    case 'DeleteMessageBatch':
      for (const { entry } of successful(input, output)) ledger.deleted(text(entry.ReceiptHandle));
      break;
  }
}

/** The receipt handles in a ReceiveMessage answer. */
export function receiptHandles(output: Fields): string[] {
  return entries(output.Messages).map((message) => text(message.ReceiptHandle));
}
