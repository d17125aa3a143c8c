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

/** What a figure is judged by: its ratio to the floor of the same repetition, or itself where there is none. */
function judged({ ours, floor }: Figure): readonly number[] {
  return floor === undefined ? ours : ours.map((value, index) => value / (floor[index] ?? Number.NaN));
}

/** The figures as lines of cells: the floor's, ours, the ratio of each repetition's, and whether the target is reached. */
export function figureLines(figures: readonly Figure[]): readonly (readonly string[])[] {
  return [
    ['work', 'floor', 'ours', 'ratio', 'target', 'reached', 'incumbent, elsewhere'],
    ...figures.map((figure) => [
      figure.title,
      figure.floor === undefined ? '' : amount(median(figure.floor), figure.unit),
      amount(median(figure.ours), figure.unit),
      figure.floor === undefined ? '' : spanText(judged(figure)),
      targetText(figure),
      reachedText(figure),
      figure.elsewhere ?? '',
    ]),
  ];
}

/** As {@link figureLines}, without what says more of the machine than of the program: for the page that is committed. */
export function ratioLines(figures: readonly Figure[]): readonly (readonly string[])[] {
  const kept = Object.keys(committable(figures));
  const [head = [], ...lines] = figureLines(figures.filter(({ id }) => kept.includes(id)));
  const rest = lines.map(([work = '', , ours = '', ratio = '', ...others]) => [work, ratio || ours, ...others]);
  return [[head[0] ?? '', 'ratio to the floor, or count', ...head.slice(4)], ...rest];
}

/** A number with its unit, as people read it. */
export function amount(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return 'never';
  if (unit === 'ms') return value >= 1_000 ? `${(value / 1_000).toFixed(2)} s` : `${twoDigits(value)} ms`;
  if (unit === 'requests') return twoDigits(value);
  return `${value.toFixed(unit === 'MiB' || unit === 'CPU ms/s' ? 1 : 0)} ${unit}`;
}

function twoDigits(value: number): string {
  return value.toFixed(value < 100 && value % 1 !== 0 ? 2 : 0);
}

function spanText(ratios: readonly number[]): string {
  const [least, middle, most] = [Math.min(...ratios), median(ratios), Math.max(...ratios)];
  const digits = middle < 10 ? 2 : 0;
  const span = ratios.length === 1 ? '' : ` (${least.toFixed(digits)}–${most.toFixed(digits)})`;
  return `${middle.toFixed(digits)}×${span}`;
}

function targetText({ floor, unit, target, ownTarget }: Figure): string {
  if (ownTarget !== undefined) return amount(ownTarget, unit);
  if (target === undefined) return '';
  return floor === undefined ? amount(target, unit) : `${target}×`;
}

/** A target is reached when each repetition reaches it. */
function reachedText(figure: Figure): string {
  const { ours, ownTarget, target = ownTarget } = figure;
  if (target === undefined) return '';
  const worst = Math.max(...(ownTarget === undefined ? judged(figure) : ours));
  if (worst <= target) return 'yes';
  return target === 0 ? 'no' : `no, by ${((worst / target - 1) * 100).toFixed(0)} %`;
}

/** A figure as it is committed: a ratio or a count, and how far its repetitions lay apart as a share of it; `null` of a single one. */
interface CommittedFigure {
  readonly value: number;
  readonly spread: number | null;
}

/** Figures as they were committed last, by id. */
export type CommittedFigures = Readonly<Record<string, CommittedFigure>>;

/** What is worth keeping: ratios, counts and memory. Times without a floor say more of the machine than of the program. */
export function committable(figures: readonly Figure[]): CommittedFigures {
  const kept = figures.filter(({ floor, unit }) => floor !== undefined || !/ms|\/s/.test(unit));
  return Object.fromEntries(
    kept.map((figure) => {
      const values = judged(figure);
      const value = median(values);
      const apart = Math.max(...values) - Math.min(...values);
      const spread = values.length === 1 ? null : value === 0 ? 0 : rounded(apart / value);
      return [figure.id, { value: rounded(value), spread }];
    }),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** The least that is told from chance, even where repetitions agree. */
const LEAST_TOLERANCE = 0.05;
/** For figures of a single measurement: repetitions of the same work lie up to so far apart. */
const SINGLE_TOLERANCE = 0.25;

/** Names each figure that got worse by more than its repetitions lie apart, now or when it was committed. Pure. */
export function whatGotWorse(figures: readonly Figure[], committed: CommittedFigures): readonly string[] {
  const now = committable(figures);
  return figures.flatMap(({ id, title, unit }) => {
    const [before, after] = [committed[id], now[id]];
    if (before === undefined || after === undefined) return [];
    const tolerance = Math.max(LEAST_TOLERANCE, before.spread ?? SINGLE_TOLERANCE, after.spread ?? SINGLE_TOLERANCE);
    const bound = before.value * (unit === 'messages/s' ? 1 / (1 + tolerance) : 1 + tolerance);
    const isWorse = unit === 'messages/s' ? after.value < bound : after.value > bound;
    return isWorse ? [`${id} (${title}): ${after.value}, was ${before.value}, may be ${rounded(bound)}`] : [];
  });
}
