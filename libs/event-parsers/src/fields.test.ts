import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSeconds, formatTime, parseTime } from './fields.ts';

describe('parseTime', () => {
  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05.1Z', '2026-01-02T03:04:05.100Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02t03:04:05z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+02:30', '2026-01-02T00:34:05.000Z'],
    ['2026-01-01T23:04:05-01:00', '2026-01-02T00:04:05.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
    ['21 Jan 2019 09:00:43 GMT', '2019-01-21T09:00:43.000Z'],
    ['1 dec 2019 09:00:43 UTC', '2019-12-01T09:00:43.000Z'],
    ['Sun, 05 Jun 2016 15:10:09 GMT', '2016-06-05T15:10:09.000Z'],
    // Spelled otherwise (A20).
    ['Sun, 05 Jun 2016 15:10:09 +0000', '2016-06-05T15:10:09.000Z'],
    ['Sun, 05 Jun 2016 15:10:09 -0730', '2016-06-05T22:40:09.000Z'],
    ['Sun, 05 Jun 2016 15:10:09 PST', '2016-06-05T23:10:09.000Z'],
    ['Sun, 05 Jun 2016 15:10:09 PDT', '2016-06-05T22:10:09.000Z'],
    ['Sun, 05 Jun 2016 15:10:09 EST', '2016-06-05T20:10:09.000Z'],
    ['Sun, 5 Jun 2016 15:10:09 -0800 (PST)', '2016-06-05T23:10:09.000Z'],
    ['Sunday, 05-June-2016 15:10 UT', '2016-06-05T15:10:00.000Z'],
    [' 2026-01-02T03:04:05Z\n', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+0000', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+01', '2026-01-02T02:04:05.000Z'],
    ['2026-01-02T03:04Z', '2026-01-02T03:04:00.000Z'],
    ['2026-01-02 03:04:05.12 +0000 UTC', '2026-01-02T03:04:05.120Z'],
    // A leap second (C16).
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2016-12-31T15:59:60.5-08:00', '2017-01-01T00:00:00.000Z'],
    ['Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseTime(text)?.toISOString()).toBe(expected);
  });

  it('reads over a wrong weekday', () => {
    expect(parseTime('Sat, 05 Jun 2016 15:10:09 GMT')?.toISOString()).toBe('2016-06-05T15:10:09.000Z');
  });

  it.each([
    '',
    'soon',
    '2026-01-02',
    '2026-01-02T03:04:05',
    '2026-02-30T03:04:05Z',
    '2026-13-01T03:04:05Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:05Z',
    '2026-01-02T03:04:61Z',
    '2026-01-02T03:04:05+24:00',
    '2026-01-02T03:04:05+01:60',
    '21 Foo 2019 09:00:43 GMT',
    '31 Feb 2019 09:00:43 GMT',
    '21 Jan 2019 09:00:43',
    '21 Jan 2019 09:00:43 CET',
    `21 Jan 2019 09:00:43 GMT${'x'.repeat(100_000)}`,
    '9'.repeat(100_000),
    '1768986043',
  ])('takes %j for no time', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('reads back every time that a service can write', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (time) => {
        expect(parseTime(time.toISOString())).toEqual(time);
        const seconds = new Date(Math.floor(time.getTime() / 1000) * 1000);
        expect(parseTime(seconds.toUTCString())).toEqual(seconds);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTime(text)));
  });
});

describe('formatTime', () => {
  it.each([
    ['2026-01-02T03:04:00.000Z', '2026-01-02 03:04:00 +0000 UTC'],
    ['2026-01-02T03:04:05.120Z', '2026-01-02 03:04:05.12 +0000 UTC'],
    ['2026-01-02T03:00:00.007Z', '2026-01-02 03:00:00.007 +0000 UTC'],
  ])('writes %s', (time, expected) => {
    expect(formatTime(new Date(time))).toBe(expected);
  });
});

describe('addSeconds', () => {
  it('moves a time both ways', () => {
    const time = new Date('2026-01-02T03:04:05Z');
    expect(addSeconds(time, 120)).toEqual(new Date('2026-01-02T03:06:05Z'));
    expect(addSeconds(time, -5)).toEqual(new Date('2026-01-02T03:04:00Z'));
  });
});
