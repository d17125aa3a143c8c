import { describe, expect, it } from 'vitest';
import { programs } from '../workspace.ts';
import { dashboard } from './dashboard.ts';

describe.each(programs)('the dashboard of %s', (program) => {
  const { panels } = dashboard(program);

  it('has panels that do not overlap, each with its own id', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('asks each query under a letter of its own', () => {
    for (const { targets } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });
});
