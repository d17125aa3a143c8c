import { describe, expect, it } from 'vitest';
import { resultLine, resultTable } from './table.ts';

const passed = { name: 'spot notice', proves: 'it drains', outcome: 'passed', durationMs: 1234 } as const;
const skipped = { name: 'moto', proves: 'it agrees', outcome: 'skipped', durationMs: 5, message: 'no Python' } as const;

describe('the table of results', () => {
  it('lines up names and times, and says what each scenario proves', () => {
    expect(resultTable([passed, skipped])).toBe(
      [
        '  scenario        time  proves',
        '✓ spot notice    1.2 s  it drains',
        '– moto           0.0 s  skipped: no Python',
      ].join('\n'),
    );
  });

  it('has a line for each result as it comes', () => {
    expect(resultLine({ ...passed, outcome: 'failed' })).toBe('✗ spot notice (1.2 s)');
  });
});
