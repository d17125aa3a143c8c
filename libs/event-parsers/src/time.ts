const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;
// The weekday is read over: AWS Health's own example has a wrong one.
const GMT_TEXT = /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC)$/;

/**
 * Reads a time as AWS services write it: `2026-01-02T03:04:05Z` (RFC 3339) or `21 Jan 2019 09:00:43 GMT`, with or without a weekday.
 *
 * Stricter than `Date.parse`: a text without a zone or with a day that does not exist is no time.
 *
 * @returns The time, or `undefined` when the text is none.
 * @see https://www.rfc-editor.org/rfc/rfc3339
 */
export function parseTime(text: string): Date | undefined {
  const iso = RFC_3339.exec(text);
  if (iso !== null) {
    const [, year, month, day, hours, minutes, seconds, fraction = '', zone = 'Z'] = iso;
    const fields = [Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds)];
    const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
    const offset = zoneOffsetMs(zone);
    const local = utc(fields, milliseconds);
    return local === undefined || offset === undefined ? undefined : new Date(local - offset);
  }
  const gmt = GMT_TEXT.exec(text);
  if (gmt !== null) {
    const [, day, month = '', year, hours, minutes, seconds] = gmt;
    const fields = [Number(year), MONTHS.indexOf(month.toLowerCase()), Number(day)];
    const time = utc([...fields, Number(hours), Number(minutes), Number(seconds)], 0);
    return time === undefined ? undefined : new Date(time);
  }
  return undefined;
}

/** Writes a time the way existing users' descriptions show it: `2026-01-02 03:04:05 +0000 UTC`. */
export function formatTime(time: Date): string {
  const [day = '', clock = ''] = time.toISOString().replace('Z', '').split('T');
  return `${day} ${clock.replace(/\.?0*$/, '')} +0000 UTC`;
}

/** Moves a time by so many seconds. */
export function addSeconds(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

function utc(fields: readonly number[], milliseconds: number): number | undefined {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = fields;
  const date = new Date(0);
  // Date.UTC would take the years 0–99 for 1900–1999.
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hours, minutes, seconds, milliseconds);
  const kept =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hours &&
    date.getUTCMinutes() === minutes &&
    date.getUTCSeconds() === seconds;
  return kept ? date.getTime() : undefined;
}

function zoneOffsetMs(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
