import type { Figure, Unit } from './bench.ts';

/** The value below which a share of the samples lies, by the nearest rank; `NaN` without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle one of the samples. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The figures as lines of cells: ours, the baseline's, how many times better, and whether the target is reached. */
export function figureLines(figures: readonly Figure[]): readonly (readonly string[])[] {
  return [
    ['work', 'baseline', 'ours', 'ratio', 'target', 'reached'],
    ...figures.map((figure) => [
      figure.title,
      figure.baseline === undefined
        ? ''
        : `${figure.isBaselineCutOff === true ? '> ' : ''}${amount(figure.baseline, figure.unit)}`,
      amount(figure.ours, figure.unit),
      ratioText(figure),
      figure.target === undefined ? '' : amount(figure.target, figure.unit),
      reachedText(figure),
    ]),
  ];
}

/** A number with its unit, as people read it. */
export function amount(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return 'never';
  if (unit === 'ms') return value >= 1_000 ? `${(value / 1_000).toFixed(2)} s` : `${value.toFixed(0)} ms`;
  const digits = unit === 'MiB' || unit === 'CPU ms/s' || (unit === 'requests' && value % 1 !== 0) ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

function ratioText({ ours, baseline, isBaselineCutOff }: Figure): string {
  if (baseline === undefined || ours === 0 || !Number.isFinite(ours)) return '';
  const ratio = baseline / ours;
  return `${isBaselineCutOff === true ? '> ' : ''}${ratio.toFixed(ratio < 10 ? 1 : 0)}×`;
}

function reachedText({ ours, target }: Figure): string {
  if (target === undefined) return '';
  if (ours <= target) return 'yes';
  return target === 0 ? 'no' : `no, by ${((ours / target - 1) * 100).toFixed(0)} %`;
}

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
