import { DURATION, MONTH, WEEKDAY } from '../reflect/type.ts';
import type { Value } from '../reflect/value.ts';
import { versionString } from '../semver/value.ts';
import { MONTHS, WEEKDAYS } from '../time/calendar.ts';
import { durationString } from '../time/duration.ts';
import { goTimeSyntax, timeString } from '../time/format.ts';
import type { GoString } from '../unicode/utf8.ts';

/** What a value's `String` method gives; `undefined` when it has none. */
export function stringOf(value: Value): GoString | undefined {
  switch (value.tag) {
    case 'time':
      return timeString(value.time);
    case 'location':
      return value.zone.name;
    case 'int':
      if (value.type === DURATION) return durationString(value.int);
      if (value.type === MONTH) return MONTHS[Number(value.int) - 1] ?? `%!Month(${value.int})`;
      return value.type === WEEKDAY ? (WEEKDAYS[Number(value.int)] ?? `%!Weekday(${value.int})`) : undefined;
    case 'struct':
      return versionString(value);
    case 'pointer':
      return value.target === undefined ? undefined : versionString(value.target);
    default:
      return undefined;
  }
}

/** What a value's `GoString` method gives, which `%#v` prints; `undefined` when it has none. */
export function goSyntaxOf(value: Value): GoString | undefined {
  return value.tag === 'time' ? goTimeSyntax(value.time) : undefined;
}
