import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EVERYWHERE } from './observe.ts';
import type { Observations } from './observe.ts';
import { describeSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** Facts that held in every play, and facts that held in some: those depend on time. */
interface Facts {
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
}

/** What one schedule was seen to do. */
interface RecordedSchedule {
  /** The schedule in words: another one is not comparable. */
  readonly schedule: string;
  /** Facts that held in every play, by place, beyond those of the place's kind. */
  readonly also: Readonly<Record<string, readonly string[]>>;
}

/** What the programs did in many schedules, written down to notice any change of it. */
export interface Recording {
  /** How often each schedule was played. */
  readonly rounds: number;
  /** Places of one kind are nodes that were told of in the same ways; see {@link kindOf}. */
  readonly kinds: Readonly<Record<string, Facts>>;
  readonly seeds: Readonly<Record<string, RecordedSchedule>>;
}

/** What was seen of a schedule. */
export interface PlayedSchedule {
  readonly schedule: Schedule;
  readonly observations: Observations;
}

const file = path.join(import.meta.dirname, '../../../recorded/schedules.json');

/** Reads the recording. @throws Error when there is none */
export async function readRecording(): Promise<Recording> {
  return JSON.parse(await readFile(file, 'utf8')) as Recording;
}

/** Writes a recording in place of the one before. */
export async function writeRecording(recording: Recording): Promise<void> {
  await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`);
}

/** In which ways a place of a schedule is told of, and by which programs: `lifecycle, metadata (agent)`. */
function kindOf({ interruptions, agents }: Schedule, place: string): string {
  if (place === EVERYWHERE) return agents.length > 0 ? 'everywhere (agents)' : 'everywhere';
  const node = Number(/^going-(\d+)$/.exec(place)?.[1]) - 1;
  const ways = interruptions.filter((one) => one.node === node).map(({ way }) => way);
  const told = ways.length === 0 ? 'no notice' : ways.sort().join(', ');
  return agents.includes(node) ? `${told} (agent)` : told;
}

/** Makes a recording of schedules that were each played `rounds` times. */
export function makeRecording(plays: readonly PlayedSchedule[], rounds: number): Recording {
  const places = [...Map.groupBy(plays, ({ schedule }) => schedule.seed).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return Object.keys(first.observations).map((place) => ({
      schedule: first.schedule,
      place,
      kind: kindOf(first.schedule, place),
      ...factsOf(same.map(({ observations }) => observations[place] ?? [])),
    }));
  });
  const kinds = Object.fromEntries(
    [...Map.groupBy(places, ({ kind }) => kind)].sort().map(([kind, alike]) => {
      const always = inAll(alike.map((place) => place.always));
      const sometimes = [...new Set(alike.flatMap((place) => place.sometimes))].sort();
      return [kind, { always, sometimes }];
    }),
  );
  const seeds = [...Map.groupBy(places, ({ schedule }) => schedule)].map(([schedule, ofSeed]) => {
    const also = ofSeed.map(({ place, kind, always }) => [place, without(always, kinds[kind]?.always ?? [])] as const);
    const recorded: RecordedSchedule = {
      schedule: describeSchedule(schedule),
      also: Object.fromEntries(also.filter(([, facts]) => facts.length > 0)),
    };
    return [String(schedule.seed), recorded];
  });
  return { rounds, kinds, seeds: Object.fromEntries(seeds) as Recording['seeds'] };
}

/**
 * What differs from the recording, in words. Programs race with what is done to them: a fact may fail to come once. So a schedule that differs
 * is played again, and only what differs in all plays counts.
 *
 * @param played one or more plays of one schedule
 */
export function differences(
  recording: Recording,
  schedule: Schedule,
  played: readonly Observations[],
): readonly string[] {
  const recorded = recording.seeds[String(schedule.seed)];
  if (recorded === undefined) return [];
  if (recorded.schedule !== describeSchedule(schedule)) {
    return [`seed ${schedule.seed} makes another schedule than the recorded one: record anew`];
  }
  return Object.keys(played[0] ?? {}).flatMap((place) => {
    const { always = [], sometimes = [] } = recording.kinds[kindOf(schedule, place)] ?? {};
    const expected = [...always, ...(recorded.also[place] ?? [])];
    const { always: seenAlways, sometimes: seenSometimes } = factsOf(played.map((one) => one[place] ?? []));
    const missing = without(expected, [...seenAlways, ...seenSometimes]);
    const added = without(seenAlways, [...expected, ...sometimes]);
    return [
      ...missing.map((fact) => `changed at ${place}: no longer so: ${fact}`),
      ...added.map((fact) => `changed at ${place}: new: ${fact}`),
    ];
  });
}

function factsOf(plays: readonly (readonly string[])[]): Facts {
  const always = inAll(plays);
  return { always, sometimes: without([...new Set(plays.flat())].sort(), always) };
}

function inAll(lists: readonly (readonly string[])[]): readonly string[] {
  return (lists[0] ?? []).filter((fact) => lists.every((list) => list.includes(fact)));
}

function without(facts: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return facts.filter((fact) => !known.has(fact));
}
