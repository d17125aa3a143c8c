/** A bounded queue whose items wait for the one before them in their lane, and for nothing else but a free worker. */
export interface Lanes<Item> {
  /** Takes an item; `false` when too many wait already. */
  add(item: Item): boolean;
  /** Takes out all that wait, and leaves what is under way. */
  takeWaiting(): Item[];
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<unknown>;
}

/** How lanes are told apart, and what is done with each item; `work` must not reject. */
export interface LanesOptions<Item> {
  readonly limit: number;
  readonly concurrency: number;
  readonly laneOf: (item: Item) => string;
  readonly work: (item: Item) => Promise<void>;
}

/**
 * Creates empty lanes.
 *
 * One slow receiver holds every lane up alike, yet what is told about one node keeps its order, which a plain pool of workers would lose.
 */
export function createLanes<Item>({ limit, concurrency, laneOf, work }: LanesOptions<Item>): Lanes<Item> {
  const waiting: Item[] = [];
  const busyLanes = new Set<string>();
  let onIdle = Promise.withResolvers<undefined>();
  onIdle.resolve(undefined);

  const startNext = (): void => {
    while (busyLanes.size < concurrency) {
      const index = waiting.findIndex((item) => !busyLanes.has(laneOf(item)));
      const [item] = index === -1 ? [] : waiting.splice(index, 1);
      if (item === undefined) break;
      void run(item);
    }
    if (waiting.length === 0 && busyLanes.size === 0) onIdle.resolve(undefined);
  };
  const run = async (item: Item): Promise<void> => {
    const lane = laneOf(item);
    busyLanes.add(lane);
    await work(item);
    busyLanes.delete(lane);
    startNext();
  };

  return {
    add(item) {
      if (waiting.length >= limit) return false;
      if (waiting.length === 0 && busyLanes.size === 0) onIdle = Promise.withResolvers<undefined>();
      waiting.push(item);
      startNext();
      return true;
    },
    takeWaiting: () => waiting.splice(0),
    idle: () => onIdle.promise,
  };
}
