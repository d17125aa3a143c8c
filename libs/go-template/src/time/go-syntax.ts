import type { GoString } from '../text/bytes.ts';
import { quote } from '../text/quote.ts';
import { MONTHS } from './calendar.ts';
import { clockReading, UTC } from './go-time.ts';
import type { GoTime } from './go-time.ts';

/** Go's `Time.GoString`: the call of `time.Date` that makes the time. */
export function goTimeSyntax(time: GoTime): GoString {
  const { year, month, day, hour, minute, second } = clockReading(time);
  const zone = time.zone === UTC ? 'time.UTC' : `time.Location(${quote(time.zone.name)})`;
  const monthName = MONTHS[month - 1] ?? String(month);
  return `time.Date(${year}, time.${monthName}, ${day}, ${hour}, ${minute}, ${second}, ${time.nanoseconds}, ${zone})`;
}
