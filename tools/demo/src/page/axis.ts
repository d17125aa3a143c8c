/** Where everything in a picture stands, in units of its view box. */
export interface Layout {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
  /** The time axis begins and ends here. */
  readonly left: number;
  readonly right: number;
  readonly rowHeight: number;
  readonly barHeight: number;
  /** From the upper edge of a row to that of its bar. */
  readonly barTop: number;
  readonly headHeight: number;
  readonly sceneHeight: number;
}

/** For a desk: a node's name is before its bar, its figures are behind. */
export const wideLayout: Layout = {
  name: 'wide',
  width: 1200,
  left: 190,
  right: 1010,
  rowHeight: 28,
  barHeight: 18,
  barTop: 5,
  headHeight: 30,
  sceneHeight: 30,
};

/** For a phone: name and figures are above the bar, which has the whole width. */
export const narrowLayout: Layout = {
  name: 'narrow',
  width: 360,
  left: 12,
  right: 348,
  rowHeight: 44,
  barHeight: 18,
  barTop: 20,
  headHeight: 30,
  sceneHeight: 32,
};

/** Turns a moment into a place on the time axis. */
export interface TimeScale {
  /** Moment of the axis' zero, in ms since the epoch. */
  readonly start: number;
  /** Length of the axis, in ms. */
  readonly lengthMs: number;
  readonly x: (at: number) => number;
  /** Where grid lines go, with their labels. */
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300];

/** A linear axis between two places, with about eight grid lines at most, at round seconds. */
export function timeScale(start: number, end: number, fromX: number, toX: number): TimeScale {
  const lengthMs = Math.max(end - start, 1000);
  const x = (at: number): number => fromX + ((at - start) / lengthMs) * (toX - fromX);
  const seconds = lengthMs / 1000;
  const step = steps.find((candidate) => seconds / candidate <= 8) ?? 600;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({
    x: x(start + index * step * 1000),
    label: `${index * step} s`,
  }));
  return { start, lengthMs, x, ticks };
}
