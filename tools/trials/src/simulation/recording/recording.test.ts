import { describe, expect, it } from 'vitest';
import { storyOf } from '../story.ts';
import { differences, makeRecording, readRecording, recordedPlan } from './recording.ts';

const plan = recordedPlan(1);
const play = (...facts: readonly string[]) => ({ plan, observations: { 'going-1': facts } });
const recording = makeRecording([play('steps: a → b', 'told: x')]);

describe('the recording', () => {
  it('is of fifty plays at the least, and all are still made', async () => {
    const seeds = Object.entries((await readRecording()).plays);
    expect(seeds.length).toBeGreaterThanOrEqual(50);
    for (const [seed, { plan: words }] of seeds) expect(words).toEqual(storyOf(recordedPlan(Number(seed))));
  });

  it('leaves out a seed that chance makes another play', () => {
    const { plays } = makeRecording([play('told: x'), play('told: x'), play('told: y')]);
    expect(plays).toEqual({});
    expect(Object.keys(makeRecording([play('told: x'), play('told: x')]).plays)).toEqual(['1']);
  });

  it('is of plays in which nothing goes wrong', () => {
    expect(plan).toMatchObject({ replicas: 1, acts: [], clocks: {} });
    expect(plan.interruptions.length).toBeGreaterThan(0);
  });

  it('says what is no longer so, and what is new', () => {
    expect(differences(recording, play('steps: a → b', 'told: x'))).toEqual([]);
    expect(differences(recording, play('steps: b → a', 'told: x'))).toEqual([
      'changed at going-1: no longer so: steps: a → b',
      'changed at going-1: new: steps: b → a',
    ]);
  });

  it('has what all places of a kind share once, and compares all the same', () => {
    const other = { ...play('steps: a → b'), plan: { ...plan, seed: 2 } };
    const both = makeRecording([other, play('steps: a → b', 'told: x')]);
    expect(Object.values(both.kinds)).toEqual([['steps: a → b']]);
    expect(Object.values(both.plays).map(({ also }) => also)).toEqual([{ 'going-1': ['told: x'] }, {}]);
    expect(differences(both, other)).toEqual([]);
    expect(differences(both, { ...other, observations: { 'going-1': [] } })).toEqual([
      'changed at going-1: no longer so: steps: a → b',
    ]);
  });

  it('asks for a new one when the seed makes another play, and knows nothing of a seed that it has not', () => {
    const another = { ...play('told: y'), plan: { ...plan, replicas: 2 } };
    expect(differences(recording, another)).toEqual(['seed 1 makes another play than the recorded one: record anew']);
    expect(differences(recording, { ...another, plan: { ...plan, seed: 2 } })).toEqual([]);
  });
});
