import type { Samples } from './bench.ts';

const WIDTH = 720;
const HEIGHT = 340;
const LEFT = 60;
const BOTTOM = 50;
const TOP = 44;
const COLOURS = ['#2b6cb0', '#c05621', '#2f855a', '#805ad5'];

/** A line of a picture. */
interface Series {
  /** Empty for a line that belongs to the one before it. */
  readonly name: string;
  readonly colour?: string;
  readonly isDashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a picture shows. */
export interface Picture {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** Spread small and large values of x evenly. */
  readonly isLogarithmic: boolean;
  /** Values of y are shares of 1. */
  readonly areShares?: boolean;
  readonly series: readonly Series[];
}

/** Draws lines as an SVG that reads well on light and dark pages. */
export function drawLines(picture: Picture): string {
  const all = picture.series.flatMap(({ points }) => points);
  const scale = picture.isLogarithmic ? (x: number) => Math.log10(Math.max(x, 1)) : (x: number) => x;
  const xs = all.map(([x]) => scale(x));
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  const yStep = roundStep(Math.max(...all.map(([, y]) => y)) / 4);
  const highest = yStep * 4;
  const px = (x: number) => LEFT + ((scale(x) - from) / (to - from || 1)) * (WIDTH - LEFT - 20);
  const py = (y: number) => HEIGHT - BOTTOM - (y / (highest || 1)) * (HEIGHT - BOTTOM - TOP);
  const names = picture.series.map(({ name }) => name).filter((name) => name !== '');
  const lines = picture.series.map(({ name, points, isDashed = false, ...series }, index) => {
    const colour = series.colour ?? COLOURS[index % COLOURS.length] ?? '#000';
    const path = points.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
    const labelX = LEFT + 10 + names.indexOf(name) * (names.length > 3 ? 160 : 220);
    const label = name === '' ? '' : `<text x="${labelX}" y="36" fill="${colour}">${escape(name)}</text>`;
    const dash = isDashed ? ' stroke-dasharray="6 4"' : '';
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>${label}`;
  });
  const xTicks = ticks(picture.isLogarithmic, from, to).map(
    (x) =>
      `<line x1="${px(x).toFixed(1)}" y1="${TOP}" x2="${px(x).toFixed(1)}" y2="${HEIGHT - BOTTOM}" stroke="#8884"/>` +
      `<text x="${px(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${x.toLocaleString('en')}</text>`,
  );
  const yTicks = [0, 1, 2, 3, 4].map((count) => {
    const y = count * yStep;
    const text = picture.areShares ? `${(y * 100).toFixed(0)} %` : y.toLocaleString('en');
    return `<line x1="${LEFT}" y1="${py(y)}" x2="${WIDTH - 20}" y2="${py(y)}" stroke="#8884"/><text x="${LEFT - 6}" y="${py(y) + 4}" text-anchor="end">${text}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#777">`,
    `<text x="${LEFT}" y="18" font-size="14">${escape(picture.title)}</text>`,
    ...xTicks,
    ...yTicks,
    ...lines,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escape(picture.xTitle)}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${escape(picture.yTitle)}</text>`,
    '</svg>\n',
  ].join('\n');
}

function ticks(isLogarithmic: boolean, from: number, to: number): readonly number[] {
  if (!isLogarithmic) {
    const step = roundStep((to - from) / 5);
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
  }
  const all = [1, 2, 3, 4, 5].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** (power - 1)));
  return all.filter((x) => Math.log10(x) >= from && Math.log10(x) <= to);
}

/** The next number that people count in: 1, 2, 2.5 or 5 times a power of ten. */
function roundStep(atLeast: number): number {
  if (atLeast <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((step) => step >= atLeast) ?? atLeast;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The share of notices that were answered by a time, ours beside the floor's. */
export function latencyPicture({ ours = [], floor = [] }: Samples): string {
  const cumulative = (samples: readonly number[]) =>
    samples.toSorted((a, b) => a - b).map((ms, index) => [ms, (index + 1) / samples.length] as const);
  return drawLines({
    title: 'Spot notice → node cordoned',
    xTitle: 'milliseconds (logarithmic)',
    yTitle: 'share of notices',
    isLogarithmic: true,
    areShares: true,
    series: [
      { name: `this program (${ours.length} notices)`, points: cumulative(ours) },
      { name: `bare client (${floor.length} notices)`, points: cumulative(floor) },
    ],
  });
}

/** How long an API server takes by requests at once: a line of fixed numbers, and dashed what ours takes. */
interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [atOnce: number, ms: number])[];
  readonly oursMs: number;
}

/** Each server's times as multiples of its best fixed number, which puts servers that are near and far on one scale. */
export function curvePicture(curves: readonly Curve[]): string {
  return drawLines({
    title: 'All completed: a fixed number of requests at once, and adaptive (dashed)',
    xTitle: 'requests at once (logarithmic)',
    yTitle: 'times the best',
    isLogarithmic: true,
    series: curves.flatMap(({ name, points, oursMs }, index) => {
      const best = Math.min(...points.map(([, ms]) => ms));
      const colour = COLOURS[index % COLOURS.length] ?? '#000';
      const ours = points.map(([x]) => [x, oursMs / best] as const);
      return [
        { name, colour, points: points.map(([x, ms]) => [x, ms / best] as const) },
        { name: '', colour, isDashed: true, points: ours },
      ];
    }),
  });
}
