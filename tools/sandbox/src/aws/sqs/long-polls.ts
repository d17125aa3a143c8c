import { onAbort, systemClock } from '@node-termination-handler/clock';
import { parseRecord, readList } from '../../json-value.ts';
import type { JsonRecord } from '../../json-value.ts';
import { AwsServiceError } from '../call.ts';

/** What the emulator answers. */
export interface EmulatorReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** How messages are taken out of a queue. */
export interface TakeMessages {
  /** Asks the emulator, which answers at once. */
  readonly take: (payload: string) => Promise<EmulatorReply>;
  /** When it is worth asking at the earliest, on the machine's clock. */
  readonly mayGiveAt: () => number;
  /** Whether as many messages are in flight as may be. */
  readonly isFull: () => Promise<boolean>;
}

const EMPTY: EmulatorReply = { statusCode: 200, headers: {}, body: '{}' };

/** How soon a long poll looks again where there may be something and is not, in ms; it hears of all that clients do. */
const LOOK_EVERY_MS = 100;

/** Long polls wait here and not in the emulator: a message must not be handed to one whose client has gone. */
export class LongPolls {
  readonly #waiting = new Set<() => void>();
  #ended = 0;

  /** Something has happened to a queue: who waits looks again. */
  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Those under way are answered with what they have: nothing. */
  end(): void {
    this.#ended += 1;
    this.wake();
  }

  /**
   * Answers a `ReceiveMessage`: when there are messages, when its time is over, or when its client has gone.
   *
   * @throws AwsServiceError when a short poll finds the quota in flight used up; to a long one SQS says nothing of that.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
   */
  async receive(
    input: JsonRecord,
    gone: AbortSignal,
    { take, mayGiveAt, isFull }: TakeMessages,
  ): Promise<EmulatorReply> {
    const { WaitTimeSeconds: seconds } = input;
    const waits = typeof seconds === 'number' && seconds > 0 && seconds <= 20;
    const untilMs = performance.now() + (waits ? seconds * 1000 : 0);
    const payload = JSON.stringify(waits ? { ...input, WaitTimeSeconds: 0 } : input);
    const ended = this.#ended;
    for (let isFirst = true; ; isFirst = false) {
      if (gone.aborted || ended !== this.#ended) return EMPTY;
      const full = await isFull();
      if (full && !waits) throw new AwsServiceError('OverLimit', 'Too many messages in flight.');
      const reply = full || (!isFirst && mayGiveAt() > systemClock.now()) ? EMPTY : await take(payload);
      const leftMs = untilMs - performance.now();
      const isAnswer = reply.statusCode !== 200 || readList(parseRecord(reply.body), 'Messages').length > 0;
      if (isAnswer || leftMs <= 0) return reply;
      const nothingForMs = Math.max(LOOK_EVERY_MS, mayGiveAt() - systemClock.now());
      await this.#somethingHappens(Math.min(leftMs, nothingForMs), gone);
    }
  }

  async #somethingHappens(ms: number, gone: AbortSignal): Promise<void> {
    const happened = Promise.withResolvers<undefined>();
    const wake = (): void => happened.resolve(undefined);
    const timer = setTimeout(wake, ms);
    using _gone = onAbort(gone, wake);
    this.#waiting.add(wake);
    await happened.promise;
    this.#waiting.delete(wake);
    clearTimeout(timer);
  }
}
