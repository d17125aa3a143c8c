import { anInt, anything, fn1, fn2, variadic0, variadic1 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { checkListLength, spend } from '../limits.ts';
import { deepEqual } from '../reflect/compare.ts';
import { LIST, LISTS } from '../reflect/type.ts';
import { bool, list, NIL, slice, zeroOf } from '../reflect/value.ts';
import type { GoFunction, ListValue, Value } from '../reflect/value.ts';
import { isEmpty } from './defaults.ts';
import { castInt64 } from './numbers.ts';

/** Both names of a function: the one that panics and the one that returns its error come to the same in a template. */
function alsoMust(functions: Readonly<Record<string, GoFunction>>): Readonly<Record<string, GoFunction>> {
  const both = Object.entries(functions).flatMap(([name, fn]): [string, GoFunction][] => [
    [name, fn],
    [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`, fn],
  ]);
  return Object.fromEntries<GoFunction>(both);
}

const push = fn2(anything, anything, (value, item) => list([...itemsOf(value, 'Cannot push on type '), item]));

/** sprig's functions for lists. */
export const LIST_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  list: variadic0(anything, (items) => list(items)),
  tuple: variadic0(anything, (items) => list(items)),
  concat: variadic0(anything, (values) => {
    const items = values.flatMap((value) => itemsOf(value, 'Cannot concat type ', ' as list'));
    return items.length === 0 ? zeroOf(LIST) : list(items);
  }),
  ...alsoMust({
    append: push,
    push,
    prepend: fn2(anything, anything, (value, item) => list([item, ...itemsOf(value, 'Cannot prepend on type ')])),
    first: fn1(anything, (value) => itemsOf(value, 'Cannot find first on type ')[0] ?? NIL),
    last: fn1(anything, (value) => itemsOf(value, 'Cannot find last on type ').at(-1) ?? NIL),
    rest: fn1(anything, (value) => partOf(itemsOf(value, 'Cannot find rest on type '), 1)),
    initial: fn1(anything, (value) => partOf(itemsOf(value, 'Cannot find initial on type '), 0, -1)),
    reverse: fn1(anything, (value) => list([...itemsOf(value, 'Cannot find reverse on type ')].reverse())),
    compact: fn1(anything, (value) => list(itemsOf(value, 'Cannot compact on type ').filter((item) => !isEmpty(item)))),
    uniq: fn1(anything, (value) => {
      const unique: Value[] = [];
      for (const item of itemsOf(value, 'Cannot find uniq on type ')) {
        spend(unique.length);
        if (!unique.some((other) => deepEqual(item, other))) unique.push(item);
      }
      return list(unique);
    }),
    without: variadic1(anything, anything, (value, omitted) =>
      list(
        itemsOf(value, 'Cannot find without on type ').filter(
          (item) => !omitted.some((other) => deepEqual(item, other)),
        ),
      ),
    ),
    has: fn2(anything, anything, (needle, haystack) =>
      bool(
        haystack.tag !== 'nil' && itemsOf(haystack, 'Cannot find has on type ').some((item) => deepEqual(needle, item)),
      ),
    ),
    slice: variadic1(anything, anything, (value, indexes) => sliced(value, indexes)),
    chunk: fn2(anInt, anything, (size, value) => chunked(itemsOf(value, 'Cannot chunk type '), size)),
  }),
};

/** The items of a list. @throws {@link GoError} for anything else. */
function itemsOf(value: Value, problem: string, problemEnd = ''): Value[] {
  if (value.tag === 'list') return value.items;
  if (value.tag === 'nil') throw new GoError('runtime error: invalid memory address or nil pointer dereference');
  throw new GoError(problem + value.type.kind + problemEnd);
}

function partOf(items: readonly Value[], start: number, end?: number): ListValue | Value {
  return items.length === 0 ? zeroOf(LIST) : list(items.slice(start, end));
}

function sliced(value: Value, [from, to]: readonly Value[]): Value {
  const items = itemsOf(value, 'list should be type of slice or array but ');
  if (items.length === 0) return NIL;
  const start = from === undefined ? 0n : castInt64(from);
  const end = to === undefined ? BigInt(items.length) : castInt64(to);
  if (start < 0n || start > end || end > BigInt(items.length)) {
    throw new GoError('reflect.Value.Slice: slice index out of bounds');
  }
  return slice(value.type, items.slice(Number(start), Number(end)));
}

function chunked(items: readonly Value[], size: number): Value {
  // sprig's own arithmetic, which gives no chunk at all for some sizes that make no sense, and fails for the others.
  const count = size === 0 ? -1 : Math.floor((items.length - 1) / size) + 1;
  if (count < 0 || (count > 0 && size < 0)) throw new GoError('runtime error: makeslice: len out of range');
  checkListLength(count);
  return slice(
    LISTS,
    Array.from({ length: count }, (_chunk, index) => list(items.slice(index * size, (index + 1) * size))),
  );
}
