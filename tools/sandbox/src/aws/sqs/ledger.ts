/** One delivery of a message. Times in ms since the epoch. */
export interface MessageReceive {
  readonly at: number;
  readonly receiptHandle: string;
  /** When it becomes visible again, after the changes so far. */
  readonly visibleAgainAt: number;
  /** False when the client had gone away before the answer reached it: the message is stranded until its visibility ends. */
  readonly delivered: boolean;
  /** The client gave it back (visibility 0). */
  readonly handedBack: boolean;
  /** The sandbox was told to deliver it again, as the real service now and then does. */
  readonly forced: boolean;
}

/** Everything that happened to one message. Times in ms since the epoch. */
export interface QueueMessage {
  readonly messageId: string;
  readonly queue: string;
  readonly body: string;
  readonly sentAt: number;
  /** Oldest first. */
  readonly receives: readonly MessageReceive[];
  readonly visibilityChanges: readonly { readonly at: number; readonly seconds: number }[];
  /** When a deletion with a handle that was still good came; undefined while the message is in the queue. */
  readonly deletedAt: number | undefined;
  /** How many deletions were asked for, also with handles that were no longer good. */
  readonly deletionCalls: number;
}

/** The sandbox's own record of what was done with each message. */
export interface SqsLedger {
  readonly sent: (message: Pick<QueueMessage, 'messageId' | 'queue' | 'body'>) => void;
  readonly received: (
    messageId: string,
    queue: string,
    body: string,
    receiptHandle: string,
    timeoutSeconds: number,
  ) => void;
  readonly undelivered: (receiptHandle: string) => void;
  readonly visibilityChanged: (receiptHandle: string, seconds: number) => void;
  readonly forced: (receiptHandle: string) => void;
  readonly deleted: (receiptHandle: string) => void;
  /** In the order in which they were sent. */
  readonly messages: () => readonly QueueMessage[];
  readonly message: (messageId: string) => QueueMessage | undefined;
  /** Deliveries of a message that somebody was still working on: neither handed back, nor stranded, nor forced. */
  readonly redeliveriesInWork: () => number;
}

type Mutable<Value> = { -readonly [Field in keyof Value]: Value[Field] };
interface Entry extends Mutable<Omit<QueueMessage, 'receives' | 'visibilityChanges'>> {
  receives: Mutable<MessageReceive>[];
  visibilityChanges: { at: number; seconds: number }[];
}

function redeliveries(message: QueueMessage): number {
  return message.receives.slice(1).filter((_, index) => {
    const previous = message.receives[index];
    return previous?.delivered === true && !previous.handedBack && !previous.forced;
  }).length;
}

/** An empty record. */
export function createSqsLedger(): SqsLedger {
  const entries = new Map<string, Entry>();
  const byHandle = new Map<string, Entry>();

  const receiveOf = (receiptHandle: string): Mutable<MessageReceive> | undefined =>
    byHandle.get(receiptHandle)?.receives.find((receive) => receive.receiptHandle === receiptHandle);
  const add = (messageId: string, queue: string, body: string): Entry => {
    const entry: Entry = {
      messageId,
      queue,
      body,
      sentAt: Date.now(),
      receives: [],
      visibilityChanges: [],
      deletedAt: undefined,
      deletionCalls: 0,
    };
    entries.set(messageId, entry);
    return entry;
  };

  return {
    sent: ({ messageId, queue, body }) => void add(messageId, queue, body),
    received: (messageId, queue, body, receiptHandle, timeoutSeconds) => {
      const at = Date.now();
      const entry = entries.get(messageId) ?? add(messageId, queue, body);
      byHandle.set(receiptHandle, entry);
      entry.receives.push({
        at,
        receiptHandle,
        visibleAgainAt: at + timeoutSeconds * 1000,
        delivered: true,
        handedBack: false,
        forced: false,
      });
    },
    undelivered: (receiptHandle) => {
      const receive = receiveOf(receiptHandle);
      if (receive !== undefined) receive.delivered = false;
    },
    visibilityChanged: (receiptHandle, seconds) => {
      const at = Date.now();
      byHandle.get(receiptHandle)?.visibilityChanges.push({ at, seconds });
      const receive = receiveOf(receiptHandle);
      if (receive === undefined) return;
      receive.visibleAgainAt = at + seconds * 1000;
      if (seconds === 0) receive.handedBack = true;
    },
    forced: (receiptHandle) => {
      const receive = receiveOf(receiptHandle);
      if (receive === undefined) return;
      receive.visibleAgainAt = Date.now();
      receive.forced = true;
    },
    deleted: (receiptHandle) => {
      const entry = byHandle.get(receiptHandle);
      if (entry === undefined) return;
      entry.deletionCalls += 1;
      const last = entry.receives.at(-1);
      if (last?.receiptHandle === receiptHandle && last.visibleAgainAt > Date.now()) entry.deletedAt ??= Date.now();
    },
    messages: () => [...entries.values()],
    message: (messageId) => entries.get(messageId),
    redeliveriesInWork: () => [...entries.values()].reduce((sum, message) => sum + redeliveries(message), 0),
  };
}

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
