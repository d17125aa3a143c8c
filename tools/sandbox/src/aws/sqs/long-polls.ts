import { onAbort } from '@node-termination-handler/clock';
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
  /** Whether it is worth asking: a poll that waits looks ten times a second. */
  readonly mayGive: () => boolean;
  /** Whether as many messages are in flight as may be. */
  readonly isFull: () => Promise<boolean>;
}

const EMPTY: EmulatorReply = { statusCode: 200, headers: {}, body: '{}' };

/** How often a long poll looks whether the visibility of a message has ended, in ms; it hears of everything else. */
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
  async receive(input: JsonRecord, gone: AbortSignal, { take, mayGive, isFull }: TakeMessages): Promise<EmulatorReply> {
    const { WaitTimeSeconds: seconds } = input;
    const waits = typeof seconds === 'number' && seconds > 0 && seconds <= 20;
    const untilMs = performance.now() + (waits ? seconds * 1000 : 0);
    const payload = JSON.stringify(waits ? { ...input, WaitTimeSeconds: 0 } : input);
    const ended = this.#ended;
    for (let isFirst = true; ; isFirst = false) {
      if (gone.aborted || ended !== this.#ended) return EMPTY;
      const full = await isFull();
      if (full && !waits) throw new AwsServiceError('OverLimit', 'Too many messages in flight.');
      const reply = full || (!isFirst && !mayGive()) ? EMPTY : await take(payload);
      const leftMs = untilMs - performance.now();
      const isAnswer = reply.statusCode !== 200 || readList(parseRecord(reply.body), 'Messages').length > 0;
      if (isAnswer || leftMs <= 0) return reply;
      await this.#somethingHappens(leftMs, gone);
    }
  }

  async #somethingHappens(ms: number, gone: AbortSignal): Promise<void> {
    const happened = Promise.withResolvers<undefined>();
    const wake = (): void => happened.resolve(undefined);
    const timer = setTimeout(wake, Math.min(ms, LOOK_EVERY_MS));
    using _gone = onAbort(gone, wake);
    this.#waiting.add(wake);
    await happened.promise;
    this.#waiting.delete(wake);
    clearTimeout(timer);
  }
}
