import type { GoString } from '../text/bytes.ts';
import { GoError } from '../go-error.ts';
import { formatTime } from './format.ts';
import { clockReading } from './go-time.ts';
import type { GoTime } from './go-time.ts';

/**
 * A time as `encoding/json` writes it, RFC 3339 with as much of the fraction as there is.
 *
 * @throws {@link GoError} for years that RFC 3339 can't write.
 */
export function jsonTime(time: GoTime): GoString {
  const { year } = clockReading(time);
  if (year < 0 || year > 9999) throw new GoError('Time.MarshalJSON: year outside of range [0,9999]');
  return formatTime(time, '2006-01-02T15:04:05.999999999Z07:00');
}
