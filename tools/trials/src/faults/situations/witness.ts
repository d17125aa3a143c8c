import { sleep, systemClock } from '@node-termination-handler/clock';
import { readString } from '@node-termination-handler/sandbox';
import type { Sandbox } from '@node-termination-handler/sandbox';
import type { LogLine, Program } from '../../program.ts';

/** What a readiness probe answered. */
export interface Readiness {
  /** 0 where nothing answers. */
  readonly status: number;
  /** What it says is not there. */
  readonly missing: readonly string[];
}

/** A Kubernetes event as the API server has it. */
export interface SeenEvent {
  readonly type: string;
  readonly reason: string;
}

/** What a program showed to those who look at it from outside, up to a moment. */
export interface Seen {
  /** Lines of its log, but for those of level `debug`. */
  readonly lines: readonly LogLine[];
  /** Each sample of its metrics, by its name and labels: its values, each told once until it changed. */
  readonly samples: ReadonlyMap<string, readonly number[]>;
  readonly events: readonly SeenEvent[];
  readonly readiness: Readiness;
  /** Seconds from the start until there were so many lines: of the first, the second, … */
  readonly secondsUntil: readonly number[];
  /** How it ended by itself; undefined where it runs. */
  readonly ended: string | undefined;
}

/** Looks at a program from outside. */
export interface Witness extends Disposable {
  /** What was seen until now. */
  seen(): Seen;
}

/** How often it is looked, in ms: much faster than Prometheus, so that what rises in steps is seen to. */
const LOOK_EVERY_MS = 250;

/** Looks at a program, its metrics and its probes again and again, until it is disposed of. */
export function witness(program: Program, sandbox: Sandbox): Witness {
  const over = new AbortController();
  const samples = new Map<string, number[]>();
  const secondsUntil: number[] = [];
  let readiness: Readiness = { status: 0, missing: [] };
  const look = async (): Promise<void> => {
    const passed = (systemClock.monotonic() - program.startedAt) / 1000;
    while (secondsUntil.length < toldLines(program).length) secondsUntil.push(passed);
    const metrics = await get(program, 'serving metrics', '/metrics');
    for (const [name, value] of samplesOf(metrics?.body ?? '')) {
      const values = samples.get(name) ?? [];
      if (values.at(-1) !== value) samples.set(name, [...values, value]);
    }
    const ready = await get(program, 'serving probes', '/readyz');
    readiness = { status: ready?.status ?? 0, missing: ready === undefined ? [] : missingIn(ready.body) };
  };
  void (async () => {
    while (!over.signal.aborted) {
      await look();
      await sleep(systemClock, LOOK_EVERY_MS);
    }
  })();
  return {
    seen: () => ({
      lines: toldLines(program),
      samples: new Map(samples),
      events: sandbox.kubernetes.list({ kind: 'Event' }).map((event) => ({
        type: readString(event, 'type') ?? '',
        reason: readString(event, 'reason') ?? '',
      })),
      readiness,
      secondsUntil: [...secondsUntil],
      ended: program.ended,
    }),
    [Symbol.dispose]: () => over.abort(),
  };
}

/** What a start says that ends by wrong settings is no line of JSON: nobody has said yet how lines look. */
function toldLines(program: Program): readonly LogLine[] {
  const plain = program.isRunning ? [] : program.output.split('\n').filter((line) => !line.startsWith('{'));
  const end = plain.length === 0 ? [] : [{ level: 'error', message: plain.join(' ').replaceAll(/\s+/g, ' ') }];
  return [...program.log.filter(({ level }) => level !== 'debug'), ...end];
}

/** Asks a server of a program, whose port stands in the line by which it says that it serves. */
async function get(
  program: Program,
  serving: string,
  path: string,
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  const port = program.log.find(({ message }) => message === serving)?.port;
  if (typeof port !== 'number') return undefined;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2000) });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return undefined;
  }
}

function missingIn(body: string): readonly string[] {
  const { late = [] } = JSON.parse(body) as { readonly late?: readonly { readonly name: string }[] };
  return late.map(({ name }) => name);
}

/**
 * The samples of a scrape, by their names and labels as they stand there. Pure.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function samplesOf(scrape: string): ReadonlyMap<string, number> {
  const lines = scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
