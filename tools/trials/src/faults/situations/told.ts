import { readFileSync } from 'node:fs';
import path from 'node:path';
import { explainerOf, LOG_PAGE } from '@node-termination-handler/checks';
import { root } from '../../program.ts';
import type { LogLine } from '../../program.ts';
import type { Readiness, Seen, SeenEvent } from './witness.ts';

/** What was seen of a program while things were wrong, and in the end. */
export interface Played {
  readonly wrong: Seen;
  readonly after: Seen;
}

/** What a program shows of a bad situation that it does not show when all is well, each in the order in which it came. */
export interface Told {
  /** Lines at level `warn` or worse. */
  readonly bad: readonly LogLine[];
  /** Seconds from the start until the first of them; differs from run to run. */
  readonly afterSeconds: number | undefined;
  readonly readiness: Readiness;
  /** How it ended by itself. */
  readonly ended: string | undefined;
  /** Samples of the metrics that have another value than 0 only then, by their names; then gauges that are 0 only then, with that. */
  readonly moved: readonly string[];
  readonly events: readonly SeenEvent[];
  /** Lines of the log that are written when things are right again, and only then; or else that the work is done. */
  readonly over: readonly LogLine[];
}

const explained = explainerOf(readFileSync(path.join(root, LOG_PAGE), 'utf8'));

/** A message as docs/logs.md has it, with `…` for what is put in; one that is not there, as it is. */
export function asExplained(message: string): string {
  return explained(message)?.text ?? message;
}

/** Whether docs/logs.md has this text of a message. */
export function isExplained(text: string): boolean {
  return explained(text) !== undefined;
}

/** What of a process or of Node moves by itself, of a histogram all but its count, and what went well. */
const BESIDE_THE_POINT =
  /^(?:process_|nodejs_|nth_event_loop|nth_build_info|\w+_(?:bucket|sum)\b)|result="(?:ok|written|taken|cancelled)"/;

const DRAINED = 'Node successfully cordoned and drained';

function movedIn({ samples }: Seen): ReadonlySet<string> {
  const moved = [...samples].filter(
    ([name, values]) => !BESIDE_THE_POINT.test(name) && values.some((value) => value !== 0),
  );
  return new Set(moved.map(([name]) => name));
}

/** Gauges that are 0, and are not when all is well. */
function fallenIn({ samples }: Seen, { samples: usual }: Seen): readonly string[] {
  const fallen = [...samples].filter(([name, values]) => values.at(-1) === 0 && (usual.get(name)?.at(-1) ?? 0) !== 0);
  return fallen
    .map(([name]) => name)
    .filter((name) => !/_(?:total|count)\b/.test(name) && !BESIDE_THE_POINT.test(name));
}

function isBad({ level }: LogLine): boolean {
  return level === 'warn' || level === 'error';
}

/** Compares what is seen while things are wrong, and after, with what is seen of a program when all is well. Pure. */
export function compare({ wrong, after }: Played, well: Played): Told {
  const nameOf = (line: LogLine): string => `${line.level} ${asExplained(line.message)}`;
  const usual = new Set(well.after.lines.map(nameOf));
  const usualAfter = usual.union(new Set(wrong.lines.map(nameOf)));
  const usualEvents = new Set(well.after.events.map(({ reason, type }) => `${type} ${reason}`));
  const usualSamples = movedIn(well.after);
  const then = after.lines.slice(wrong.lines.length);
  const over = then.filter((line) => !usualAfter.has(nameOf(line)));
  const isSign = (line: LogLine): boolean => isBad(line) && !usual.has(nameOf(line));
  return {
    bad: wrong.lines.filter(isSign),
    afterSeconds: wrong.secondsUntil[wrong.lines.findIndex(isSign)],
    readiness: wrong.readiness,
    ended: wrong.ended,
    moved: [
      ...[...movedIn(wrong)].filter((name) => !usualSamples.has(name)).toSorted(),
      ...fallenIn(wrong, well.after).map((name) => `${name} 0`),
    ],
    events: wrong.events.filter(({ reason, type }) => !usualEvents.has(`${type} ${reason}`)),
    over: over.length > 0 ? over : then.filter(({ message }) => message === DRAINED),
  };
}
