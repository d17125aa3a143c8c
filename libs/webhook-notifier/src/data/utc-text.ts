/**
 * Writes a time the way Go prints a `time.Time` in UTC: `2026-01-02 03:04:05.67 +0000 UTC`, without the zeros at a fraction's end.
 *
 * Absent is Go's zero time.
 *
 * @see https://pkg.go.dev/time#Time.String
 */
export function utcText(time: Date | undefined): string {
  if (time === undefined || Number.isNaN(time.getTime())) return '0001-01-01 00:00:00 +0000 UTC';
  // Years of five digits have a sign and six digits in ISO 8601, and those before the year 0 too.
  const [isoDate = '', clock = ''] = time.toISOString().slice(0, -1).split('T');
  const date = isoDate.replace(/^\+0?/, '').replace(/^-0?0?(?=\d{4})/, '-');
  const [seconds = '', fraction = ''] = clock.split('.');
  const significant = fraction.replace(/0+$/, '');
  return `${date} ${significant === '' ? seconds : `${seconds}.${significant}`} +0000 UTC`;
}
