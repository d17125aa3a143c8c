import { describe, expect, it } from 'vitest';
import { differences, makeRecording, readRecording } from './recording.ts';
import { makeSchedule } from './schedule.ts';

const schedule = makeSchedule(1);
const play = (...facts: readonly string[]) => ({ 'going-1': facts });
const recording = makeRecording(
  [play('steps: a → b', 'told: x'), play('steps: a → b')].map((observations) => ({ schedule, observations })),
  2,
);
const found = (...plays: readonly ReturnType<typeof play>[]) => differences(recording, schedule, plays);

describe('the recording', () => {
  it('is of schedules that are still made', async () => {
    const { seeds } = await readRecording();
    expect(Object.keys(seeds)).toHaveLength(50);
    const made = Object.keys(seeds).map((seed) => makeSchedule(Number(seed)));
    for (const one of made) expect(differences({ rounds: 1, kinds: {}, seeds }, one, [{}])).toEqual([]);
  });

  it('knows what held in every play, and forgives what held in some', () => {
    expect(found(play('steps: a → b'))).toEqual([]);
    expect(found(play('steps: a → b', 'told: x'))).toEqual([]);
  });

  it('says what is no longer so, and what is new', () => {
    expect(found(play('steps: b → a'))).toEqual([
      'changed at going-1: no longer so: steps: a → b',
      'changed at going-1: new: steps: b → a',
    ]);
  });

  it('counts only what differs in every play', () => {
    expect(found(play('told: y'), play('steps: a → b'))).toEqual([]);
    expect(found(play('told: y'), play('told: y', 'told: z'))).toEqual([
      'changed at going-1: no longer so: steps: a → b',
      'changed at going-1: new: told: y',
    ]);
  });

  it('asks for a new one when the seed makes another schedule', () => {
    const { seeds, ...rest } = recording;
    const other = { ...rest, seeds: { 1: { schedule: 'another', also: {} } } };
    expect(differences(other, schedule, [play()])).toEqual([
      'seed 1 makes another schedule than the recorded one: record anew',
    ]);
    expect(differences({ ...rest, seeds: {} }, schedule, [play('told: y')])).toEqual([]);
    expect(Object.keys(seeds)).toEqual(['1']);
  });
});
