import type { Figure, Unit } from '../bench.ts';

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
