import { enableCompileCache, flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { loadMutated } from './mutations/load-mutated.ts';
import type { MutationName } from './mutations/mutations.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './play.ts';

/** With what a worker is started. */
export interface WorkerData {
  readonly mutation: MutationName | undefined;
  /** The root of the repository. */
  readonly root: string;
}

/** What a worker is asked for. */
export interface Order {
  readonly seed: number;
  /** In place of the seed's own. */
  readonly plan?: Plan;
  /** Whether the trace is sent, too. */
  readonly keepsTrace: boolean;
  /** Whether what a recording has of it is sent, too. Default: false. */
  readonly observes?: boolean;
  /** Whether a plan that fails is made smaller. */
  readonly shrinks: boolean;
}

/** What a worker answers. */
export interface Delivery {
  readonly outcome: Outcome;
  /** Of a failure: the smallest plan that fails alike. */
  readonly smallest?: Plan;
  /** And what came of that. */
  readonly smallestOutcome?: Outcome;
}

/** The invariants that were broken, without what they say of it. */
function kinds({ violations }: Outcome): ReadonlySet<string> {
  return new Set(violations.map((what) => what.replace(/:.*/s, '')));
}

if (parentPort !== null) {
  const port = parentPort;
  // Every thread reads in the same: what one has compiled the others take over, also those of later runs.
  enableCompileCache();
  const { mutation, root } = workerData as WorkerData;
  const mustBeLoaded = mutation === undefined ? undefined : loadMutated(mutation, root);
  // Not before: what they import may be the place of the mutation.
  const [{ play }, { setStage }, { makePlan }, { shrink }] = await Promise.all([
    import('./play.ts'),
    import('./stage.ts'),
    import('./plan.ts'),
    import('./shrink.ts'),
  ]);
  const stage = await setStage();
  flushCompileCache();
  mustBeLoaded?.();
  // What a program or the SDK prepares when it is first used comes over real turns of the event loop: the first play is a rehearsal.
  await play(makePlan(0), stage);
  const answer = async ({
    seed,
    plan = makePlan(seed),
    keepsTrace,
    observes = false,
    shrinks,
  }: Order): Promise<Delivery> => {
    const outcome = await play(plan, stage, { keepsTrace, observes });
    if (outcome.violations.length === 0 || !shrinks) return { outcome };
    const broken = kinds(outcome);
    const smallest = await shrink(plan, async (smaller) =>
      [...kinds(await play(smaller, stage))].some((kind) => broken.has(kind)),
    );
    return { outcome, smallest, smallestOutcome: await play(smallest, stage, { keepsTrace: true }) };
  };
  port.on('message', (order: Order) => {
    void answer(order).then((delivery) => port.postMessage(delivery));
  });
  port.postMessage('ready');
}
