import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

describe('the command line of the simulation', () => {
  it('plays the programs as they are, 300 seeds', () => {
    expect(parseCommandLine([])).toMatchObject({ seeds: [1, 300], mutations: undefined, writes: false });
    expect(parseCommandLine(['--seed', '7', '--until', '50'])).toMatchObject({ seeds: [7, 7], until: 50 });
  });

  it('plays one mutation or all of them, a thousand seeds at the most', () => {
    expect(parseCommandLine(['--mutation', 'no-hurry'])).toMatchObject({ seeds: [1, 1000], mutations: 'no-hurry' });
    expect(parseCommandLine(['--mutations', '--write'])).toMatchObject({ mutations: 'all', writes: true });
    expect(parseCommandLine(['--mutations', '--seeds', '3..9'])).toMatchObject({ seeds: [3, 9] });
  });

  it('records what the programs do', () => {
    expect(parseCommandLine(['--record'])).toMatchObject({ records: true });
    expect(parseCommandLine([])).toMatchObject({ records: false });
  });

  it.each([
    [['--record', '--seed', '1'], '--record plays the seeds of the recording'],
    [['--mutation', 'nothing'], 'there is no mutation nothing; there are patch-without-tests'],
    [['--write'], '--write needs --mutations'],
    [['--seeds', '1..2..3'], '--seeds: 1..2..3 is no range like 1..300'],
    [['--until', '5'], '--until needs --seed'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
