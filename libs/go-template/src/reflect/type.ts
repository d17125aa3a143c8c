/** What a Go type is made of, as `reflect.Kind` names it. */
type Kind =
  | 'bool'
  | IntegerKind
  | 'float64'
  | 'complex128'
  | 'string'
  | 'slice'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'func'
  | 'interface';

/** The kinds of whole numbers. */
type IntegerKind = 'int' | 'int32' | 'int64' | 'uint8' | 'uint32' | 'uint64';

/** A Go type; two are the same when they are the same object. */
export interface GoType {
  /** As `%T` prints it. */
  readonly name: string;
  readonly kind: Kind;
  /** Of a slice, a map or a pointer. */
  readonly element?: GoType;
  /** Of a struct, in the order of its declaration. */
  readonly fields?: readonly GoField[];
}

/** A field of a struct. */
interface GoField {
  readonly name: string;
  readonly type: GoType;
  /** Its fields can be named as if they were the outer struct's. */
  readonly isEmbedded?: boolean;
  /** What `encoding/json` calls it; `-` leaves it out. Default: its name. */
  readonly jsonName?: string;
  /** Unexported ones can be printed and not named. */
  readonly isUnexported?: boolean;
}

const basic = (kind: Kind, name: string = kind): GoType => ({ name, kind });

export const BOOL = basic('bool');
export const INT = basic('int');
export const INT32 = basic('int32');
export const INT64 = basic('int64');
export const UINT8 = basic('uint8');
export const UINT32 = basic('uint32');
export const UINT64 = basic('uint64');
export const FLOAT64 = basic('float64');
export const COMPLEX128 = basic('complex128');
export const STRING = basic('string');
/** `interface {}`: takes any value. */
export const ANY = basic('interface', 'interface {}');
/** `reflect.Value`, which Go's own template functions take: any value, and nothing at all. */
export const REFLECTED = basic('struct', 'reflect.Value');
export const DURATION = basic('int64', 'time.Duration');
export const MONTH = basic('int', 'time.Month');
export const WEEKDAY = basic('int', 'time.Weekday');
const LOCATION = basic('struct', 'time.Location');

/** The slice type of such elements. */
function sliceOf(element: GoType): GoType {
  return { name: `[]${element.name}`, kind: 'slice', element };
}

/** The type of maps from strings to such elements. */
function mapOf(element: GoType): GoType {
  return { name: `map[string]${element.name}`, kind: 'map', element };
}

/** The type of pointers to such a value. */
export function pointerTo(element: GoType): GoType {
  return { name: `*${element.name}`, kind: 'ptr', element };
}

export const LIST = sliceOf(ANY);
export const STRINGS = sliceOf(STRING);
export const INTS = sliceOf(INT);
export const BYTES = sliceOf(UINT8);
export const LISTS = sliceOf(LIST);
export const DICT = mapOf(ANY);
export const STRING_MAP = mapOf(STRING);
export const LOCATION_POINTER = pointerTo(LOCATION);

/** `time.Time`; its fields are there for `%d` and its like, which print what is inside. */
export const TIME: GoType = {
  name: 'time.Time',
  kind: 'struct',
  fields: [
    { name: 'wall', type: UINT64, isUnexported: true },
    { name: 'ext', type: INT64, isUnexported: true },
    { name: 'loc', type: LOCATION_POINTER, isUnexported: true },
  ],
};

const SIGNED: ReadonlySet<Kind> = new Set<Kind>(['int', 'int32', 'int64']);
const UNSIGNED: ReadonlySet<Kind> = new Set<Kind>(['uint8', 'uint32', 'uint64']);
const NILLABLE: ReadonlySet<Kind> = new Set<Kind>(['slice', 'map', 'ptr', 'func', 'interface']);

export function isSigned({ kind }: GoType): boolean {
  return SIGNED.has(kind);
}

export function isUnsigned({ kind }: GoType): boolean {
  return UNSIGNED.has(kind);
}

/** Whether the type has a nil. */
export function isNillable(type: GoType): boolean {
  return NILLABLE.has(type.kind) || type === REFLECTED;
}
