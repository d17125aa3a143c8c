import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

describe('the command line', () => {
  it('asks for everything when it says nothing', () => {
    expect(parseCommandLine([])).toEqual({
      help: false,
      parts: ['matrix', 'schedules', 'situations', 'replicas', 'soak', 'polls'],
      filters: [],
      quick: false,
      seed: undefined,
      schedules: 200,
      patience: 1,
      record: false,
      events: 20_000,
      polls: 1_000_000,
    });
  });

  it('asks for one schedule by its seed, and for cases by their words', () => {
    expect(parseCommandLine(['--seed', '7'])).toMatchObject({ parts: ['schedules'], seed: 7 });
    expect(parseCommandLine(['hangs', 'SQS'])).toMatchObject({ parts: ['matrix'], filters: ['hangs', 'SQS'] });
    expect(parseCommandLine(['--only', 'soak', '--events', '10'])).toMatchObject({ parts: ['soak'], events: 10 });
  });

  it('does less when it is to be quick', () => {
    expect(parseCommandLine(['--quick'])).toMatchObject({
      quick: true,
      parts: ['matrix', 'schedules', 'replicas', 'soak', 'polls'],
      schedules: 20,
      events: 4000,
      polls: 4000,
      patience: 3,
    });
    expect(parseCommandLine(['--quick', '--schedules', '3'])).toMatchObject({ schedules: 3 });
  });

  it.each([
    [
      ['--only', 'matrx'],
      '--only: there is no part matrx; there are matrix, schedules, situations, replicas, soak, polls',
    ],
    [['--seed', 'x'], '--seed: x is no whole number from 0 to 999999999'],
    [['--sed', '1'], "Unknown option '--sed'"],
  ])('refuses %j in one clear message', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
