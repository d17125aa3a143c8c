import type { GoString } from '../unicode/utf8.ts';

const SECOND = 1_000_000_000n;

/** Go's `Duration.String`: `1h2m3.4s`, and below a second `4ms`, `5µs` or `6ns`. */
export function durationString(nanoseconds: bigint): GoString {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (magnitude < 1000n) return `${sign}${magnitude}ns`;
  // The bytes of "µs".
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 3)}\xc2\xb5s`;
  if (magnitude < SECOND) return `${sign}${decimal(magnitude, 6)}ms`;
  const minutes = magnitude / (60n * SECOND);
  const seconds = `${decimal(magnitude % (60n * SECOND), 9)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

const UNITS = new Map([
  ['ns', 1n],
  ['us', 1000n],
  // "µs" and "μs": the micro sign, and the Greek letter.
  ['\xc2\xb5s', 1000n],
  ['\xce\xbcs', 1000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3600n * SECOND],
]);

/** Why a text is no duration, in Go's words but for the quoted text that stands at their end. */
export type DurationProblem = 'time: invalid duration ' | 'time: missing unit in duration ' | 'time: unknown unit ';

/**
 * Go's `time.ParseDuration`.
 *
 * @returns nanoseconds, or what is wrong and with which piece.
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(
  text: GoString,
): bigint | { readonly problem: DurationProblem; readonly unit?: GoString } {
  const invalid = { problem: 'time: invalid duration ' } as const;
  const isNegative = text.startsWith('-');
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0n;
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const match = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest);
    const [number = '', whole = '', fraction = ''] = match ?? [];
    if (whole === '' && fraction === '') return invalid;
    const unit = /^[^.0-9]*/.exec(rest.slice(number.length))?.[0] ?? '';
    if (unit === '') return { problem: 'time: missing unit in duration ' };
    const scale = UNITS.get(unit);
    if (scale === undefined) return { problem: 'time: unknown unit ', unit };
    total +=
      BigInt(whole || '0') * scale +
      (BigInt(fraction.slice(0, 18) || '0') * scale) / 10n ** BigInt(Math.min(fraction.length, 18));
    if (total > 2n ** 63n) return invalid;
    rest = rest.slice(number.length + unit.length);
  }
  if (isNegative) return -total;
  return total > 2n ** 63n - 1n ? invalid : total;
}

/** Go's `Duration.Round`: to the nearest multiple, halves away from zero. */
export function roundDuration(nanoseconds: bigint, multiple: bigint): bigint {
  if (multiple <= 0n) return nanoseconds;
  const remainder = nanoseconds % multiple;
  const magnitude = remainder < 0n ? -remainder : remainder;
  const down = nanoseconds - remainder;
  if (magnitude * 2n < multiple) return down;
  const rounded = nanoseconds < 0n ? down - multiple : down + multiple;
  const limit = 2n ** 63n;
  return rounded >= limit ? limit - 1n : rounded < -limit ? -limit : rounded;
}

/** Go's `Duration.Truncate`: towards zero, to a multiple. */
export function truncateDuration(nanoseconds: bigint, multiple: bigint): bigint {
  return multiple <= 0n ? nanoseconds : nanoseconds - (nanoseconds % multiple);
}
