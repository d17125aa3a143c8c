import { GoError } from '../go-error.ts';
import { checkDepth, checkTextLength, spend } from '../limits.ts';
import { goSyntaxOf, stringOf } from '../reflect/members.ts';
import { BYTES, INT64, isSigned, LOCATION_POINTER, UINT64, UINT8 } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { bytesOf, integer, isNil, sortedKeys } from '../reflect/value.ts';
import type { ListValue, Maybe, TimeValue, Value } from '../reflect/value.ts';
import { unixNanoseconds } from '../time/time.ts';
import type { GoString } from '../unicode/utf8.ts';
import { formatComplexVerb, formatFloatVerb, formatInteger } from './number.ts';
import { formatText, pad, plain } from './text.ts';
import type { Spec } from './text.ts';

/** How a value is being printed. */
interface Printing {
  readonly verb: string;
  readonly spec: Spec;
  readonly depth: number;
  /** Whether `String` methods are asked; not inside of unexported fields, nor while a fault is being reported. */
  readonly asksMethods: boolean;
}

/** Prints one argument of `printf`, `print` and their like. */
export function printArgument(value: Maybe, verb: string, spec: Spec): GoString {
  if (value === undefined || value.tag === 'nil') {
    return verb === 'v' || verb === 'T' ? pad('<nil>', spec) : `%!${verb}(<nil>)`;
  }
  if (verb === 'T') return plain(value.type.name, spec);
  if (verb === 'p') return printPointer(value, { verb, spec, depth: 0, asksMethods: true });
  if (value.tag === 'list' && value.type === BYTES && (verb === 'v' || verb === 'd'))
    return printBytes(value, verb, spec);
  return printValue(value, { verb, spec, depth: 0, asksMethods: true });
}

function printValue(value: Value, printing: Printing): GoString {
  checkDepth(printing.depth, 'printed');
  if (printing.depth > 0) spend(1);
  if (printing.verb === 'w') return badVerb(value, printing);
  const byMethod = printing.asksMethods ? printByMethod(value, printing) : undefined;
  return byMethod ?? printPlainly(value, printing) ?? badVerb(value, printing);
}

function printByMethod(value: Value, { verb, spec }: Printing): GoString | undefined {
  if (spec.sharpV === true) {
    const syntax = goSyntaxOf(value);
    return syntax === undefined ? undefined : plain(syntax, spec);
  }
  if (!'vsxXq'.includes(verb)) return undefined;
  const text = stringOf(value);
  return text === undefined ? undefined : formatText(text, verb, spec);
}

function printPlainly(value: Value, printing: Printing): GoString | undefined {
  const { verb, spec } = printing;
  switch (value.tag) {
    case 'bool':
      return verb === 't' || verb === 'v' ? pad(String(value.bool), spec) : undefined;
    case 'int':
      return formatInteger(value.int, isSigned(value.type), verb, spec);
    case 'float':
      return formatFloatVerb(value.float, verb, spec);
    case 'complex':
      return formatComplexVerb(value.real, value.imaginary, verb, spec);
    case 'string':
      return formatText(value.bytes, verb, spec);
    case 'list':
      return printList(value, printing);
    case 'map':
      return printSequence(value.type, value.isNil, spec, '{', 'map[', () =>
        sortedKeys(value).map((key) => {
          const inner = { ...printing, depth: printing.depth + 1 };
          const printedKey =
            formatText(key, verb, spec) ?? badVerb({ tag: 'string', type: STRING_KEY, bytes: key }, inner);
          return `${printedKey}:${printElement(value.entries.get(key), inner)}`;
        }),
      );
    case 'struct':
      return printStruct(value.type, value.values, printing);
    case 'time':
      return printStruct(value.type, insideTime(value), printing);
    case 'nil':
      return spec.sharpV === true ? `${value.type.name}(nil)` : '<nil>';
    case 'location':
    case 'func':
      return printPointer(value, printing);
    case 'pointer':
      if (printing.depth > 0 || value.target === undefined) return printPointer(value, printing);
      return `&${printValue(value.target, { ...printing, depth: 1 })}`;
  }
}

const STRING_KEY: GoType = { name: 'string', kind: 'string' };

function printElement(value: Maybe, printing: Printing): GoString {
  return value === undefined ? '<nil>' : printValue(value, printing);
}

function printList(value: ListValue, printing: Printing): GoString | undefined {
  if (value.type.element === UINT8 && 'sqxX'.includes(printing.verb)) {
    return formatText(bytesOf(value), printing.verb, printing.spec);
  }
  return printSequence(value.type, value.isNil, printing.spec, '{', '[', () =>
    value.items.map((item) => printElement(item, { ...printing, depth: printing.depth + 1 })),
  );
}

function printBytes(value: ListValue, verb: string, spec: Spec): GoString {
  if (spec.sharpV !== true) return printValue(value, { verb, spec, depth: 0, asksMethods: false });
  const items = value.items.map((item) => (item.tag === 'int' ? `0x${item.int.toString(16)}` : ''));
  return value.isNil ? '[]byte(nil)' : `[]byte{${items.join(', ')}}`;
}

function printSequence(
  type: GoType,
  isNil: boolean,
  { sharpV }: Spec,
  goOpening: string,
  opening: string,
  items: () => readonly GoString[],
): GoString {
  if (sharpV !== true) return measured(`${opening}${items().join(' ')}]`);
  return isNil ? `${type.name}(nil)` : measured(`${type.name}${goOpening}${items().join(', ')}}`);
}

function printStruct(type: GoType, values: readonly Value[], printing: Printing): GoString {
  const { sharpV, plusV } = printing.spec;
  const fields = (type.fields ?? []).map(({ name, isUnexported }, index) => {
    const value = values[index];
    const asksMethods = printing.asksMethods && !isUnexported;
    const printed = printElement(value, { ...printing, asksMethods, depth: printing.depth + 1 });
    return sharpV === true || plusV === true ? `${name}:${printed}` : printed;
  });
  return measured(sharpV === true ? `${type.name}{${fields.join(', ')}}` : `{${fields.join(' ')}}`);
}

function measured(text: GoString): GoString {
  checkTextLength(text.length);
  return text;
}

/** What is inside of a `time.Time`: nanoseconds, seconds since the year 1, and its location, which is nil for UTC. */
function insideTime({ time }: TimeValue): readonly Value[] {
  const sinceYearOne = unixNanoseconds(time) / 1_000_000_000n + 62_135_596_800n;
  return [
    integer(BigInt(time.nanoseconds), UINT64),
    integer(sinceYearOne, INT64),
    { tag: 'pointer', type: LOCATION_POINTER, target: undefined },
  ];
}

function printPointer(value: Value, printing: Printing): GoString {
  const { verb, spec } = printing;
  if (!['ptr', 'func', 'map', 'slice'].includes(value.type.kind)) return badVerb(value, printing);
  if (!isNil(value))
    throw new GoError(`%${verb} of ${value.type.name} is refused: it would print an address in memory`);
  if (verb === 'v') return spec.sharpV === true ? `(${value.type.name})(nil)` : pad('<nil>', spec);
  if (verb === 'p') return formatInteger(0n, false, 'x', { ...spec, sharp: spec.sharp !== true }) ?? '';
  return ('bodxX'.includes(verb) ? formatInteger(0n, false, verb, spec) : undefined) ?? badVerb(value, printing);
}

function badVerb(value: Value, { verb, spec }: Printing): GoString {
  const printed = printValue(value, { verb: 'v', spec, depth: 0, asksMethods: false });
  return `%!${verb}(${value.type.name}=${printed})`;
}

/** Prints a value the way it reads in an error: as `%v` does. */
export function describeValue(value: Maybe): GoString {
  return printArgument(value, 'v', {});
}
