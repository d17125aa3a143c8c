/** A duration for people: `0.12 s`, `4.3 s`, `27 s`. */
export function formatSeconds(durationMs: number): string {
  const seconds = durationMs / 1000;
  const digits = Math.abs(seconds) < 1 ? 2 : Math.abs(seconds) < 10 ? 1 : 0;
  return `${seconds.toFixed(digits)} s`;
}
