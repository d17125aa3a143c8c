import type { Figure } from '../bench.ts';

/** Figures as they were committed last, by id. */
export type LastFigures = Readonly<Record<string, number>>;

/** Less than this is the machine, not the program. */
const NOTICEABLE = 0.25;

/** Says which figures moved noticeably since the last time, as ratios. Pure. */
export function whatMoved(figures: readonly Figure[], last: LastFigures): readonly string[] {
  return figures.flatMap(({ id, ours, unit }) => {
    const before = last[id];
    if (before === undefined || before === 0 || ours === 0) return [];
    const ratio = ours / before;
    if (ratio < 1 + NOTICEABLE && ratio > 1 / (1 + NOTICEABLE)) return [];
    const isBetter = unit === 'messages/s' ? ratio > 1 : ratio < 1;
    return [`${id}: ${ratio.toFixed(2)} times what it was, ${isBetter ? 'better' : 'worse'}`];
  });
}
