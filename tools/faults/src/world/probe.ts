import type { Program } from '@node-termination-handler/programs';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from './wait.ts';

/** Where a program serves its liveness probe; undefined while it does not. */
export type ProbeUrl = () => string | undefined;

/** Reads where a program serves its liveness probe from its own words: the system chose the port. */
export function probeUrlOf(program: Program): string | undefined {
  const line = program.log.find(({ message }) => message === 'serving probes');
  const { port, path } = line ?? { port: undefined, path: undefined };
  return typeof port === 'number' && typeof path === 'string' ? `http://127.0.0.1:${port}${path}` : undefined;
}

/** What a program's liveness probe said, in the order in which it did. */
export interface ProbeWatch extends Disposable {
  /** Status codes; 0 where there was no answer within ten seconds. */
  readonly answers: readonly number[];
}

/** Asks a program's liveness probe four times a second, from its first answer on. */
export function watchProbe(url: ProbeUrl): ProbeWatch {
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

async function ask(urlOf: ProbeUrl): Promise<number> {
  const url = urlOf();
  if (url === undefined) return 0;
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
  } catch {
    return 0;
  }
}

/** Waits until a program's liveness probe answers at all: it has begun its work. @throws Error when it does not in 30 s */
export async function untilAnswering(url: ProbeUrl): Promise<void> {
  if (!(await waitUntil(async () => (await ask(url)) !== 0, 30_000)))
    throw new Error('the probe was not answered in 30 s');
}
