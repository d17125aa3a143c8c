import { describe, expect, it } from 'vitest';
import { scenarios } from './index.ts';

describe('the scenarios', () => {
  it('each have a name of their own and say what they prove', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const { name, proves } of scenarios) {
      expect(name.length, name).toBeLessThan(60);
      expect(proves, name).toMatch(/\w+ \w+ \w+/);
      expect(proves, name).not.toContain('\n');
    }
  });
});
