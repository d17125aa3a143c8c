import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANY,
  BOOL,
  BYTES,
  DURATION,
  ERROR,
  FLOAT64,
  func,
  funcType,
  goTime,
  GoValue,
  goValue,
  INT,
  INT32,
  INT64,
  mapOf,
  parseTemplate,
  pointerTo,
  sliceOf,
  sprigFunctions,
  STRING,
  structType,
  TIME,
  UINT64,
  UINT8,
} from '../index.ts';
import type { GoType } from '../index.ts';

const show = parseTemplate('{{ printf "%T %v" . . }}');
const POINT = structType('geo.Point', { X: INT, Y: INT, label: STRING });

describe('a JavaScript value', () => {
  it.each([
    [true, 'bool true'],
    [1, 'int 1'],
    [-0, 'float64 -0'],
    [1.5, 'float64 1.5'],
    [NaN, 'float64 NaN'],
    [2 ** 53, 'float64 9.007199254740992e+15'],
    [2n ** 62n, 'int 4611686018427387904'],
    ['é', 'string é'],
    [[1, 'a', null], '[]interface {} [1 a <nil>]'],
    [{ b: 1, a: undefined }, 'map[string]interface {} map[a:<nil> b:1]'],
    [new Map<string, unknown>([['a', 1]]), 'map[string]interface {} map[a:1]'],
    [Object.create(null), 'map[string]interface {} map[]'],
    [new Date('2026-01-02T03:04:05Z'), 'time.Time 2026-01-02 03:04:05 +0000 UTC'],
    [Uint8Array.of(1, 2), '[]uint8 [1 2]'],
    [new TypeError('wrong'), '*errors.errorString wrong'],
  ])('%o is %s in Go', (value, expected) => {
    expect(show.execute(value)).toBe(expected);
  });

  it('that has no counterpart is refused, with the place', () => {
    class Person {
      readonly name = 'Ada';
    }
    const refusal = (value: unknown) => () => show.execute(value);
    expect(refusal({ a: [1, new Person()] })).toThrow(
      new TypeError('data.a[1] is a value of class Person; give a plain object, or goValue with a structType'),
    );
    expect(refusal(Symbol('s'))).toThrow('data is a symbol; Go has none');
    expect(refusal({ when: new Date(NaN) })).toThrow('data.when is a value of class Date; it is an invalid date');
    expect(refusal(new Map([[1, 2]]))).toThrow('data is the number 1; the keys of a Map must be strings');
    expect(refusal(2n ** 63n)).toThrow('data is the number 9223372036854775808; it does not fit into int');
    expect(refusal(Object.create({ inherited: Object.create(null) as unknown }))).toThrow('a plain object');
    expect(refusal(new Set())).toThrow('data is a value of class Set');
  });

  it('that holds itself is refused', () => {
    const data: Record<string, unknown> = {};
    data.self = data;
    expect(() => show.execute(data)).toThrow(TypeError);
    expect(() => show.execute(data)).toThrow('is nested too deep');
  });
});

describe('goValue', () => {
  const text = (type: GoType, value: unknown) => show.execute(goValue(type, value));

  it.each<[GoType, unknown, string]>([
    [INT, 5, 'int 5'],
    [INT64, 5n, 'int64 5'],
    [UINT8, 255, 'uint8 255'],
    [UINT64, 2n ** 64n - 1n, 'uint64 18446744073709551615'],
    [FLOAT64, 1, 'float64 1'],
    [BOOL, undefined, 'bool false'],
    [STRING, undefined, 'string '],
    [DURATION, 1_500_000_000, 'time.Duration 1.5s'],
    [TIME, undefined, 'time.Time 0001-01-01 00:00:00 +0000 UTC'],
    [BYTES, Uint8Array.of(7), '[]uint8 [7]'],
    [BYTES, [7], '[]uint8 [7]'],
    [BYTES, null, '[]uint8 []'],
    [sliceOf(STRING), ['a'], '[]string [a]'],
    [sliceOf(STRING), null, '[]string []'],
    [mapOf(INT), { a: 1 }, 'map[string]int map[a:1]'],
    [mapOf(sliceOf(INT)), new Map([['a', [1]]]), 'map[string][]int map[a:[1]]'],
    [POINT, { X: 1, Y: 2, label: 'l', other: 3 }, 'geo.Point {1 2 l}'],
    [POINT, {}, 'geo.Point {0 0 }'],
    [pointerTo(POINT), { X: 1 }, '*geo.Point &{1 0 }'],
    [pointerTo(POINT), null, '*geo.Point <nil>'],
    [sliceOf(ANY), [goValue(INT64, 1), 'a'], '[]interface {} [1 a]'],
    [ERROR, new Error('e'), '*errors.errorString e'],
    [funcType('f.F', { params: [] }), null, 'f.F <nil>'],
  ])('makes a %o', (type, value, expected) => {
    expect(text(type, value)).toBe(expected);
  });

  it.each<[GoType, unknown, string]>([
    [INT, '5', 'data is a string; give a whole number or a bigint for int'],
    [INT, 1.5, 'data is the number 1.5; give a whole number or a bigint for int'],
    [INT32, 2 ** 31, 'data is the number 2147483648; it does not fit into int32'],
    [UINT8, -1, 'data is the number -1; it does not fit into uint8'],
    [BOOL, 1, 'data is the number 1; give a boolean'],
    [BOOL, null, 'data is null; a bool has no nil'],
    [STRING, 1n, 'data is the number 1; give a string'],
    [FLOAT64, '1', 'data is a string; give a number'],
    [TIME, 0, 'data is the number 0; give a Date'],
    [sliceOf(INT), {}, 'data is a value of class Object; give an array'],
    [sliceOf(INT), [1, 'x'], 'data[1] is a string; give a whole number or a bigint for int'],
    [mapOf(INT), [], 'data is a value of class Array; give a plain object or a Map'],
    [mapOf(INT), { a: true }, 'data.a is a boolean; give a whole number or a bigint for int'],
    [POINT, 'x', 'data is a string; give an object'],
    [POINT, { X: 'x' }, 'data.X is a string; give a whole number or a bigint for int'],
    [pointerTo(POINT), 1, 'data is the number 1; give an object'],
    [pointerTo(INT), {}, 'data is a value of class Object; pointers lead to structs alone'],
    [ERROR, 'e', 'data is a string; give an Error'],
    [funcType('f.F', { params: [] }), {}, 'data is a value of class Object; give a function'],
    [sliceOf(INT), [goValue(STRING, 'a')], 'data[0] is a Go value of type string; give a int'],
  ])('of %o refuses %o', (type, value, message) => {
    expect(() => goValue(type, value)).toThrow(new TypeError(message));
  });

  it('takes the fields of objects of any class, getters too, and no name that every object has', () => {
    class Place {
      get X(): number {
        return Math.max(1, 3);
      }
    }
    expect(text(POINT, new Place())).toBe('geo.Point {3 0 }');
    const ODD = structType('odd.Odd', { toString: STRING });
    expect(text(ODD, {})).toBe('odd.Odd {}');
  });

  it('is shared by templates that change it, and none sees what another one does', () => {
    const value = goValue(sliceOf(STRING), ['b', 'a']);
    const sorting = parseTemplate('{{ sortAlpha . }}{{ . }}', { funcs: sprigFunctions() });
    expect(sorting.execute(value)).toBe('[a b][a b]');
    expect(parseTemplate('{{ . }}').execute(value)).toBe('[b a]');
    expect(value).toBeInstanceOf(GoValue);
    expect(value.type).toBe(sliceOf(STRING));
  });
});

describe('goTime', () => {
  it('is shown in its zone, to the nanosecond', () => {
    const date = new Date('2026-07-03T15:30:00.123Z');
    expect(show.execute(goTime(date))).toBe('time.Time 2026-07-03 15:30:00.123 +0000 UTC');
    expect(show.execute(goTime(date, { zone: 'Europe/Amsterdam', nanoseconds: 5 }))).toBe(
      'time.Time 2026-07-03 17:30:00.000000005 +0200 CEST',
    );
  });

  it('refuses what is none', () => {
    expect(() => goTime(new Date(NaN))).toThrow(TypeError);
    expect(() => goTime(new Date(), { zone: 'Mars/Olympus' })).toThrow(
      new RangeError('there is no time zone "Mars/Olympus"'),
    );
    expect(() => goTime(new Date(), { nanoseconds: 1e9 })).toThrow(RangeError);
  });
});

describe('what a function gets', () => {
  const given = (template: string, data?: unknown): unknown => {
    let got: unknown;
    const funcs = { ...sprigFunctions(), got: (value: unknown) => (got = value) };
    parseTemplate(template, { funcs }).execute(data);
    return got;
  };

  it('is what its argument was made of, as far as there is such a thing', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ depthSize: 'small' }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
        (value) => {
          const asData = (seen: unknown): unknown => {
            if (seen instanceof Map) return Object.fromEntries([...seen].map(([key, item]) => [key, asData(item)]));
            return Array.isArray(seen) ? seen.map(asData) : seen;
          };
          expect(asData(given('{{ $_ := got .v }}', { v: value }))).toEqual(value);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['{{ $_ := got (add 1 2) }}', 3],
    ['{{ $_ := got 9223372036854775807 }}', 2n ** 63n - 1n],
    ['{{ $_ := got nil }}', null],
    ['{{ $_ := got .Nothing }}', null],
    ['{{ $_ := got (index .Times 0) }}', new Date('2026-01-02T03:04:05.678Z')],
    ['{{ $_ := got .Bytes }}', Uint8Array.of(1)],
    ['{{ $_ := got .Nils }}', null],
    ['{{ $_ := got .NilMap }}', null],
  ])('%s', (template, expected) => {
    const DATA = structType('d.D', {
      Nothing: pointerTo(POINT),
      Times: sliceOf(TIME),
      Bytes: BYTES,
      Nils: sliceOf(INT),
      NilMap: mapOf(INT),
    });
    const data = goValue(DATA, { Times: [new Date('2026-01-02T03:04:05.678Z')], Bytes: [1] });
    expect(given(template, data)).toEqual(expected);
  });

  it('of a struct is the object it was made of, and of what only Go has a value to hand back', () => {
    const object = { X: 1 };
    expect(given('{{ $_ := got . }}', goValue(POINT, object))).toBe(object);
    expect(given('{{ $_ := got . }}', goValue(pointerTo(POINT), object))).toBe(object);
    expect(given('{{ $_ := got (semver "1.2.3") }}')).toBeInstanceOf(GoValue);
    expect(given('{{ $_ := got 1i }}')).toBeInstanceOf(GoValue);
    const back = parseTemplate('{{ (same (semver "1.2.3")).Minor }} {{ same .Location }}', {
      funcs: { ...sprigFunctions(), same: (value: unknown) => value },
    });
    expect(back.execute(goTime(new Date(), { zone: 'Asia/Tokyo' }))).toBe('2 Asia/Tokyo');
  });

  it('is as its parameter says', () => {
    const seen: unknown[] = [];
    const see = func({ params: [INT64, INT, DURATION, STRING, ANY] }, (...args) => seen.push(...args));
    const template = parseTemplate('{{ $_ := see (int64 1) 2 . "s" (int64 3) }}', {
      funcs: { ...sprigFunctions(), see },
    });
    template.execute(goValue(DURATION, 5n));
    expect(seen).toEqual([1n, 2, 5n, 's', 3]);
  });
});

describe('a method', () => {
  const PERSON = structType<{ readonly First?: string; readonly title?: string }>(
    'p.Person',
    { First: STRING },
    { Called: ({ First = 'nobody', title = '' }) => `${title}${First}` },
  );

  it('gets the whole object that its struct was made of', () => {
    expect(parseTemplate('{{ .Called }}').execute(goValue(PERSON, { First: 'Ada', title: 'Lady ' }))).toBe('Lady Ada');
    const HOLDER = structType('p.Holder', { Person: { type: PERSON, embedded: true } });
    expect(parseTemplate('{{ .Called }}').execute(goValue(HOLDER, { Person: { First: 'Ada' } }))).toBe('Ada');
  });

  it('gets the zeros of the fields where there was no object', () => {
    const HOLDER = structType('p.Holder', { Person: PERSON });
    expect(parseTemplate('[{{ .Person.Called }}]').execute(goValue(HOLDER, {}))).toBe('[]');
  });

  it('of a nil pointer is an error, as in Go', () => {
    const HOLDER = structType('p.Holder', { Person: pointerTo(PERSON) });
    expect(() => parseTemplate('{{ .Person.Called }}').execute(goValue(HOLDER, {}))).toThrow(
      'error calling Called: value method p.Person.Called called using nil *Person pointer',
    );
  });
});
