import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { isRecord, readList, readString } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';

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
  /** When it was deleted with its newest handle; undefined while the message is in the queue. */
  readonly deletedAt: number | undefined;
  /** How many deletions were asked for, also with handles that were no longer good. */
  readonly deletionCalls: number;
}

type Mutable<Value> = { -readonly [Field in keyof Value]: Value[Field] };
interface Entry extends Mutable<Omit<QueueMessage, 'receives' | 'visibilityChanges'>> {
  readonly receives: Mutable<MessageReceive>[];
  readonly visibilityChanges: { at: number; seconds: number }[];
}

/** The name at the end of a queue's URL. */
export function queueName(queueUrl: unknown): string {
  return typeof queueUrl === 'string' ? (queueUrl.split('/').at(-1) ?? '') : '';
}

/** The entries of a batch that its answer lists as successful, each with its answer. */
function successful(input: JsonRecord, output: JsonRecord): readonly JsonRecord[] {
  const answers = readList(output, 'Successful').filter(isRecord);
  return readList(input, 'Entries').flatMap((entry) => {
    const answer = isRecord(entry) ? answers.find(({ Id }) => Id === entry.Id) : undefined;
    return isRecord(entry) && answer !== undefined ? [{ ...entry, ...answer }] : [];
  });
}

/** The sandbox's own record of what was done with each message. */
export class SqsLedger {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** By message, on the machine's clock, which is the only one that the emulator knows. */
  readonly #hiddenUntil = new Map<string, number>();
  readonly #byHandle = new Map<string, { readonly entry: Entry; readonly receive: Mutable<MessageReceive> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the order in which they were sent. */
  messages(): readonly QueueMessage[] {
    return [...this.#entries.values()];
  }

  message(messageId: string): QueueMessage | undefined {
    return this.#entries.get(messageId);
  }

  /** When a queue may have something to give at the earliest, on the machine's clock; only the emulator knows whether it has. */
  mayGiveAt(queue: string): number {
    const own = this.messages().filter((message) => message.queue === queue && message.deletedAt === undefined);
    return Math.min(...own.map(({ messageId }) => this.#hiddenUntil.get(messageId) ?? 0));
  }

  /** When a receipt was given out. */
  receivedAt(receiptHandle: string): number | undefined {
    return this.#byHandle.get(receiptHandle)?.receive.at;
  }

  /** Deliveries of a message that somebody was still working on: neither handed back, nor stranded, nor forced. */
  redeliveriesInWork(): number {
    const abandoned = this.messages().flatMap(({ receives }) =>
      receives.slice(0, -1).filter(({ delivered, handedBack, forced }) => delivered && !handedBack && !forced),
    );
    return abandoned.length;
  }

  /**
   * Writes down a successful call.
   * @param defaultVisibilitySeconds the queue's own visibility timeout, for a receive that names none
   */
  observe(action: string, input: JsonRecord, output: JsonRecord, defaultVisibilitySeconds: number): void {
    const queue = queueName(input.QueueUrl);
    const isBatch = action.endsWith('Batch');
    for (const fields of isBatch ? successful(input, output) : [{ ...input, ...output }]) {
      const text = (field: string): string => readString(fields, field) ?? '';
      switch (isBatch ? action.slice(0, -'Batch'.length) : action) {
        case 'SendMessage':
          this.#add(text('MessageId'), queue, text('MessageBody'));
          break;
        case 'ReceiveMessage': {
          const { VisibilityTimeout: asked } = fields;
          const seconds = typeof asked === 'number' ? asked : defaultVisibilitySeconds;
          for (const message of readList(output, 'Messages')) this.#received(message, queue, seconds);
          break;
        }
        case 'ChangeMessageVisibility':
          this.#visibilityChanged(text('ReceiptHandle'), Number(fields.VisibilityTimeout));
          break;
        case 'DeleteMessage':
          this.#deleted(text('ReceiptHandle'));
          break;
      }
    }
  }

  /** The answer to a receive never reached its client. */
  undelivered(output: JsonRecord): void {
    for (const message of readList(output, 'Messages')) {
      const found = this.#byHandle.get(readString(message, 'ReceiptHandle') ?? '');
      if (found !== undefined) found.receive.delivered = false;
    }
  }

  /** A message that is being worked on is delivered once more. */
  forced(receiptHandle: string): void {
    const found = this.#byHandle.get(receiptHandle);
    if (found === undefined) return;
    Object.assign(found.receive, { visibleAgainAt: this.#clock.now(), forced: true });
    this.#hide(found.entry, 0);
  }

  #hide({ messageId }: Entry, seconds: number): void {
    this.#hiddenUntil.set(messageId, systemClock.now() + seconds * 1000);
  }

  #add(messageId: string, queue: string, body: string): Entry {
    const entry: Entry = {
      messageId,
      queue,
      body,
      sentAt: this.#clock.now(),
      receives: [],
      visibilityChanges: [],
      deletedAt: undefined,
      deletionCalls: 0,
    };
    this.#entries.set(messageId, entry);
    return entry;
  }

  #received(message: unknown, queue: string, timeoutSeconds: number): void {
    const text = (field: string): string => readString(message, field) ?? '';
    const at = this.#clock.now();
    const entry = this.#entries.get(text('MessageId')) ?? this.#add(text('MessageId'), queue, text('Body'));
    const receive = {
      at,
      receiptHandle: text('ReceiptHandle'),
      visibleAgainAt: at + timeoutSeconds * 1000,
      delivered: true,
      handedBack: false,
      forced: false,
    };
    entry.receives.push(receive);
    this.#hide(entry, timeoutSeconds);
    // Whatever was believed of a deletion: the message is there.
    entry.deletedAt = undefined;
    this.#byHandle.set(receive.receiptHandle, { entry, receive });
  }

  #visibilityChanged(receiptHandle: string, seconds: number): void {
    const found = this.#byHandle.get(receiptHandle);
    if (found === undefined) return;
    const at = this.#clock.now();
    found.entry.visibilityChanges.push({ at, seconds });
    found.receive.visibleAgainAt = at + seconds * 1000;
    this.#hide(found.entry, seconds);
    if (seconds === 0) found.receive.handedBack = true;
  }

  #deleted(receiptHandle: string): void {
    const found = this.#byHandle.get(receiptHandle);
    if (found === undefined) return;
    const { entry, receive } = found;
    entry.deletionCalls += 1;
    // The newest handle deletes also when its visibility has ended, as long as nobody has received the message again.
    const isGood = entry.receives.at(-1) === receive && !receive.handedBack && !receive.forced;
    if (isGood) entry.deletedAt ??= this.#clock.now();
  }
}
