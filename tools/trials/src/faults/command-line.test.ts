import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

describe('the command line', () => {
  it('asks for everything when it says nothing', () => {
    expect(parseCommandLine([])).toEqual({
      help: false,
      parts: ['matrix', 'situations', 'replicas', 'soak', 'polls'],
      filters: [],
      quick: false,
      patience: 1,
      record: false,
      events: 20_000,
      polls: 1_000_000,
    });
  });

  it('asks for cases by their words, for one part, and for what situations show to be written anew', () => {
    expect(parseCommandLine(['--record'])).toMatchObject({ parts: ['situations'], record: true });
    expect(parseCommandLine(['hangs', 'SQS'])).toMatchObject({ parts: ['matrix'], filters: ['hangs', 'SQS'] });
    expect(parseCommandLine(['--only', 'soak', '--events', '10'])).toMatchObject({ parts: ['soak'], events: 10 });
  });

  it('does less when it is to be quick', () => {
    expect(parseCommandLine(['--quick'])).toMatchObject({
      quick: true,
      parts: ['matrix', 'replicas', 'soak', 'polls'],
      events: 4000,
      polls: 4000,
      patience: 3,
    });
    expect(parseCommandLine(['--quick', '--events', '3'])).toMatchObject({ events: 3 });
  });

  it.each([
    [['--only', 'matrx'], '--only: there is no part matrx; there are matrix, situations, replicas, soak, polls'],
    [['--events', 'x'], '--events: x is no whole number from 0 to 999999999'],
    [['--seed', '1'], "Unknown option '--seed'"],
  ])('refuses %j in one clear message', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
