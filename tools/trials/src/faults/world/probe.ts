import { sleep, systemClock } from '@node-termination-handler/clock';
import type { Program } from '../../program.ts';
import { waitUntil } from '../../wait.ts';

/** Which probe: whether the process is alive, or whether it can do its work. */
export type Probe = 'liveness' | 'readiness';

/** Asks a probe of a program. @returns its status code; 0 where there was no answer within ten seconds, or none is served yet */
function prober(program: Program, probe: Probe): () => Promise<number> {
  // Found once: the log grows, and the place stays.
  let url: string | undefined;
  return async () => {
    url ??= probeUrlOf(program, probe);
    if (url === undefined) return 0;
    try {
      return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).status;
    } catch {
      return 0;
    }
  };
}

/** Reads where a program serves a probe from its own words: the system chose the port. */
function probeUrlOf(program: Program, probe: Probe): string | undefined {
  const line = program.log.find(({ message }) => message === 'serving probes');
  const path = probe === 'liveness' ? String(line?.path) : '/readyz';
  return line === undefined ? undefined : `http://127.0.0.1:${String(line.port)}${path}`;
}

/** What a probe of a program said, in the order in which it did. */
export interface ProbeWatch extends Disposable {
  /** Status codes; 0 where there was no answer within ten seconds. */
  readonly answers: readonly number[];
}

/** Asks a probe of a program four times a second, from its first answer on. */
export function watchProbe(program: Program, probe: Probe): ProbeWatch {
  const ask = prober(program, probe);
  const answers: number[] = [];
  const over = new AbortController();
  void (async () => {
    while (!over.signal.aborted) {
      const answer = await ask();
      if (answer !== 0 || answers.length > 0) answers.push(answer);
      await sleep(systemClock, 250);
    }
  })();
  return { answers, [Symbol.dispose]: () => over.abort() };
}

/** Waits until a program's liveness probe answers at all: it has begun its work. @throws Error when it does not in 30 s */
export async function untilAnswering(program: Program): Promise<void> {
  const ask = prober(program, 'liveness');
  if (!(await waitUntil(async () => (await ask()) !== 0, 30_000)))
    throw new Error('the probe was not answered in 30 s');
}
