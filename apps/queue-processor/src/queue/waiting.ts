import { linkSignals } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { InterruptionEvent } from '@node-termination-handler/event-parsers';
import { KINDS } from '@node-termination-handler/interruption-handler';
import type { Metrics } from '@node-termination-handler/metrics';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { LastingFailureOptions } from '@node-termination-handler/runtime';

/** How much may wait in hand: messages, and the bytes that their events take up. */
export const WAITING_LIMITS = { messages: 1_000, bytes: 32 * 1024 * 1024 };

/** How long a message is hidden that goes back to the queue for want of room, in seconds: an urgent one, and any other. */
const HIDDEN_SECONDS = { urgent: 30, other: 300 };

/**
 * So many messages are hidden that long at most, beyond them no longer than `FEW_SECONDS`: hidden messages count towards the 120,000 that
 * SQS lets be in flight, and another replica has its own.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const MOST_HIDDEN = 5_000;
const FEW_SECONDS = 10;

/** With fewer waiting than this share of the limit there is room again. */
const HAS_ROOM_AGAIN = 0.9;

/** A planned event that starts within this time is as near as a lifecycle action, in milliseconds. */
const SOON_MS = 3_600_000;

/** How urgent an event is; the lower, the more. Nothing is more urgent than 0. */
export type Urgency = 0 | 1 | 2 | 3 | 4;

/** Says how urgent an event is: who waits for less time is put back later. Pure. */
export function urgencyOf(event: InterruptionEvent, now: Date): Urgency {
  switch (event.kind) {
    case 'ASG_LAUNCH_LIFECYCLE':
      return 3;
    case 'INSTANCE_RUNNING':
      return 2;
    case 'SCHEDULED_EVENT':
      return event.startTime.getTime() - now.getTime() < SOON_MS ? 1 : 4;
    default:
      if (KINDS[event.kind].isUrgent) return 0;
      return event.kind === 'ASG_LIFECYCLE' ? 1 : 2;
  }
}

/** A message waits no longer: there is no room, and nothing that waits is less urgent. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  constructor() {
    super('more messages wait than there is room for, and none is less urgent');
  }
}

/** What waits in hand is known by. */
export interface Guest {
  readonly events: readonly InterruptionEvent[];
  readonly urgency: Urgency;
}

/** The place of one message in the room. It waits while all of its events that are not at their end do. */
export interface Place {
  /**
   * Waits for something on behalf of one event.
   *
   * @param work - Must heed its signal, which aborts with a {@link NoRoomError} when the message is put back.
   */
  wait<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** One event is at its end. */
  eventEnded(): void;
}

/** What a room is made with. */
export interface WaitingRoomParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: LastingFailureOptions['log'];
  readonly metrics: Pick<Metrics, 'setMessagesWaiting'>;
  /** Default: {@link WAITING_LIMITS}. */
  readonly limits?: typeof WAITING_LIMITS;
}

/**
 * The messages in hand that wait: for a node, a launch, a moment. They are bounded by number and bytes, and beyond that the least urgent
 * goes back to the queue, of several the one that came last; so that receiving never stops, and work never waits for what waits. A gauge
 * shows how many wait, and the log that there is no more room.
 */
export class WaitingRoom {
  readonly #waiting = new Set<Occupant>();
  readonly #hidden = new Map<number, number>();
  readonly #limits: typeof WAITING_LIMITS;
  readonly #clock: WaitingRoomParts['clock'];
  readonly #metrics: WaitingRoomParts['metrics'];
  readonly #full: ReturnType<typeof createLastingFailure>;
  #bytes = 0;

  constructor({ clock, log, metrics, limits = WAITING_LIMITS }: WaitingRoomParts) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#limits = limits;
    this.#full = createLastingFailure({
      ...{ log, clock, failing: 'more messages wait than there is room for: the least urgent go back to the queue' },
      over: 'there is room again for messages that wait',
      advice:
        'who sends so many messages whose nodes are not there? MANAGED_TAG, and the rules of EventBridge (docs/operating.md)',
    });
  }

  /** How many messages wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Gives a message its place, where it does not wait yet. */
  place(guest: Guest): Place {
    return new Occupant(guest, (occupant) => this.#changed(occupant));
  }

  /** How long a message that goes back for want of room is to be hidden, in seconds. */
  hiddenSeconds(urgency: Urgency): number {
    const nowSeconds = this.#clock.monotonic() / 1000;
    for (const until of this.#hidden.keys()) if (until <= nowSeconds) this.#hidden.delete(until);
    const hidden = this.#hidden.values().reduce((sum, count) => sum + count, 0);
    const asked = urgency === 0 ? HIDDEN_SECONDS.urgent : HIDDEN_SECONDS.other;
    const seconds = hidden < MOST_HIDDEN ? asked : FEW_SECONDS;
    // Ten seconds share an entry, so that a flood makes no more than a few.
    const until = Math.ceil((nowSeconds + seconds) / 10) * 10;
    this.#hidden.set(until, (this.#hidden.get(until) ?? 0) + 1);
    return seconds;
  }

  #changed(occupant: Occupant): void {
    if (occupant.isWaiting === this.#waiting.has(occupant)) return;
    if (occupant.isWaiting) this.#waiting.add(occupant);
    else this.#waiting.delete(occupant);
    this.#bytes += occupant.isWaiting ? occupant.bytes : -occupant.bytes;
    while (this.#waiting.size > this.#limits.messages || this.#bytes > this.#limits.bytes) this.#putBackOne();
    this.#metrics.setMessagesWaiting(this.#waiting.size);
    if (this.#waiting.size < this.#limits.messages * HAS_ROOM_AGAIN) this.#full.succeeded();
  }

  #putBackOne(): void {
    let last: Occupant | undefined;
    for (const one of this.#waiting) if (last === undefined || one.urgency >= last.urgency) last = one;
    if (last === undefined) return;
    this.#waiting.delete(last);
    this.#bytes -= last.bytes;
    last.putBack();
    this.#full.failed(new NoRoomError());
  }
}

class Occupant implements Place {
  readonly urgency: Urgency;
  readonly bytes: number;
  readonly #isPutBack = new AbortController();
  readonly #changed: (occupant: Occupant) => void;
  #open: number;
  #waits = 0;

  constructor({ events, urgency }: Guest, changed: (occupant: Occupant) => void) {
    this.urgency = urgency;
    this.bytes = bytesOf(events);
    this.#open = events.length;
    this.#changed = changed;
  }

  get isWaiting(): boolean {
    return this.#open > 0 && this.#waits === this.#open && !this.#isPutBack.signal.aborted;
  }

  async wait<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    using until = linkSignals([signal, this.#isPutBack.signal]);
    this.#waits += 1;
    this.#changed(this);
    try {
      return await work(until.signal);
    } finally {
      this.#waits -= 1;
      this.#changed(this);
    }
  }

  eventEnded(): void {
    this.#open -= 1;
    this.#changed(this);
  }

  putBack(): void {
    this.#isPutBack.abort(new NoRoomError());
  }
}

/** What an event takes up beside its texts, in bytes: measured, and rounded up. */
const BYTES_BESIDE_TEXT = 1_024;

function bytesOf(events: readonly InterruptionEvent[]): number {
  const texts = (value: unknown): number => {
    if (typeof value === 'string') return value.length * 2;
    if (typeof value !== 'object' || value === null) return 0;
    return Object.values(value).reduce<number>((sum, field) => sum + texts(field), 0);
  };
  return events.reduce((sum, event) => sum + BYTES_BESIDE_TEXT + texts(event), 0);
}
