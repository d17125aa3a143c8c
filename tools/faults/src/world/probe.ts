import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from './wait.ts';

/** What a program's liveness probe said, in the order in which it did. */
export interface ProbeWatch extends Disposable {
  /** Status codes; 0 where there was no answer within ten seconds. */
  readonly answers: readonly number[];
}

/** Asks a program's liveness probe four times a second, from its first answer on. */
export function watchProbe(url: string): ProbeWatch {
  const answers: number[] = [];
  const over = new AbortController();
  void (async () => {
    while (!over.signal.aborted) {
      const answer = await ask(url);
      if (answer !== 0 || answers.length > 0) answers.push(answer);
      await sleep(250);
    }
  })();
  return { answers, [Symbol.dispose]: () => over.abort() };
}

async function ask(url: string): Promise<number> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
  } catch {
    return 0;
  }
}

/** Waits until a program's liveness probe answers at all: it has begun its work. @throws Error when it does not in 30 s */
export async function untilAnswering(url: string): Promise<void> {
  if (!(await waitUntil(async () => (await ask(url)) !== 0, 30_000)))
    throw new Error('the probe was not answered in 30 s');
}
