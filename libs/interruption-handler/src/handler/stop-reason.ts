/** Why work on an event was stopped from outside: its event ended, or this process does. */
export class StopReason extends Error {
  readonly kind: 'cancelled' | 'handed-back';

  constructor(kind: 'cancelled' | 'handed-back', message: string) {
    super(message);
    this.name = 'StopReason';
    this.kind = kind;
  }
}
