import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { makePlan } from '../plan.ts';
import type { Plan } from '../plan.ts';
import { storyOf } from '../story.ts';
import { EVERYWHERE } from './observe.ts';
import type { Observations } from './observe.ts';

/** What was seen of one play. */
interface RecordedPlay {
  /** The plan in words: another one is not comparable. */
  readonly plan: readonly string[];
  /** What was seen, by place, beyond what is seen of all places of its kind. */
  readonly also: Readonly<Record<string, readonly string[]>>;
}

/** What the programs did in some plays, written down to notice any change of it. */
export interface Recording {
  /** What was seen of all places of a kind; places of one kind are nodes that were told of in the same ways, see {@link kindOf}. */
  readonly kinds: Readonly<Record<string, readonly string[]>>;
  /** By the seeds. */
  readonly plays: Readonly<Record<string, RecordedPlay>>;
}

/** What was seen of the play of a plan. */
export interface ObservedPlay {
  readonly plan: Plan;
  readonly observations: Observations;
}

/** The seeds that are played for a recording: from 1 to this. */
export const RECORDED_SEEDS = 70;

/** How often each is played for it, with other chances: how long each message takes, and what the programs draw. */
export const CHANCES = 4;

/**
 * The plan of a seed that is recorded: its nodes, agents, interruptions and held pods, and nothing that goes wrong. Where faults and people
 * come just between two requests, a request more would make another play.
 */
export function recordedPlan(seed: number): Plan {
  return { ...makePlan(seed), replicas: 1, acts: [], clocks: {}, lateMs: 0, settings: {} };
}

const file = path.join(import.meta.dirname, '../../../recorded/plays.json');

/** Reads the recording. @throws Error when there is none */
export async function readRecording(): Promise<Recording> {
  return JSON.parse(await readFile(file, 'utf8')) as Recording;
}

/** Writes a recording in place of the one before. */
export async function writeRecording(recording: Recording): Promise<void> {
  await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`);
}

/** In which ways a place of a play is told of, and by which programs: `lifecycle, metadata (agent)`. */
function kindOf({ interruptions, agents }: Plan, place: string): string {
  if (place === EVERYWHERE) return agents.length > 0 ? 'everywhere (agents)' : 'everywhere';
  const node = Number(/^going-(\d+)$/.exec(place)?.[1]) - 1;
  const ways = interruptions.filter((one) => one.node === node).map(({ way }) => way);
  const told = ways.length === 0 ? 'no notice' : ways.sort().join(', ');
  return agents.includes(node) ? `${told} (agent)` : told;
}

/**
 * Makes a recording of plays, in the order of their seeds. A seed whose plays, with other chances each, were not seen to do the same is left
 * out: milliseconds decide there who of two comes first, and a change of the programs that nobody notices may move those.
 */
export function makeRecording(observed: readonly ObservedPlay[]): Recording {
  const bySeed = [...Map.groupBy(observed, ({ plan }) => plan.seed)].sort(([one], [other]) => one - other);
  const plays = bySeed.flatMap(([, [first, ...others]]) => {
    const isSteady = others.every(({ observations }) => isDeepStrictEqual(observations, first?.observations));
    return first !== undefined && isSteady ? [first] : [];
  });
  const places = plays.flatMap(({ plan, observations }) =>
    Object.entries(observations).map(([place, facts]) => ({ place, kind: kindOf(plan, place), facts })),
  );
  const kinds = Object.fromEntries(
    [...Map.groupBy(places, ({ kind }) => kind)].sort().map(([kind, alike]) => {
      const [first, ...others] = alike.map(({ facts }) => facts);
      return [kind, (first ?? []).filter((fact) => others.every((facts) => facts.includes(fact)))];
    }),
  );
  const seeds = plays.map(({ plan, observations }): [string, RecordedPlay] => {
    const also = Object.entries(observations).map(
      ([place, facts]) => [place, without(facts, kinds[kindOf(plan, place)])] as const,
    );
    return [
      String(plan.seed),
      { plan: storyOf(plan), also: Object.fromEntries(also.filter(([, facts]) => facts.length > 0)) },
    ];
  });
  return { kinds, plays: Object.fromEntries(seeds) };
}

/** What differs from the recording, in words: nothing where nothing has changed, or the seed is not recorded. */
export function differences(recording: Recording, { plan, observations }: ObservedPlay): readonly string[] {
  const recorded = recording.plays[String(plan.seed)];
  if (recorded === undefined) return [];
  if (recorded.plan.join('\n') !== storyOf(plan).join('\n')) {
    return [`seed ${plan.seed} makes another play than the recorded one: record anew`];
  }
  return Object.entries(observations).flatMap(([place, facts]) => {
    const expected = [...(recording.kinds[kindOf(plan, place)] ?? []), ...(recorded.also[place] ?? [])];
    return [
      ...without(expected, facts).map((fact) => `changed at ${place}: no longer so: ${fact}`),
      ...without(facts, expected).map((fact) => `changed at ${place}: new: ${fact}`),
    ];
  });
}

function without(facts: readonly string[], others: readonly string[] = []): readonly string[] {
  const known = new Set(others);
  return facts.filter((fact) => !known.has(fact));
}
