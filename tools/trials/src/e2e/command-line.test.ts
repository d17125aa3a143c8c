import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.ts';

describe('the command line', () => {
  it('runs everything by default', () => {
    expect(parseCommandLine([])).toMatchObject({ contract: true, scenarios: true, filters: [], concurrency: 4 });
  });

  it('leaves the contract out when words choose scenarios', () => {
    expect(parseCommandLine(['spot', 'hook'])).toMatchObject({ contract: false, filters: ['spot', 'hook'] });
    expect(parseCommandLine(['--contract-only'])).toMatchObject({ contract: true, scenarios: false });
    expect(parseCommandLine(['--scenarios-only'])).toMatchObject({ contract: false, scenarios: true });
  });

  it('refuses what it does not know', () => {
    expect(() => parseCommandLine(['--fast'])).toThrow(TypeError);
    expect(() => parseCommandLine(['--concurrency', 'many'])).toThrow(
      '--concurrency: many is no whole number from 1 to 999999999',
    );
    expect(() => parseCommandLine(['--concurrency', '0'])).toThrow(TypeError);
  });
});
