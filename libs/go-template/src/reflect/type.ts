/** What a Go type is made of, as `reflect.Kind` names it. */
export type Kind =
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
export type IntegerKind = 'int' | 'int32' | 'int64' | 'uint8' | 'uint32' | 'uint64';

/**
 * A Go type; two are the same when they are the same object.
 *
 * Made by {@link sliceOf}, {@link mapOf}, {@link pointerTo}, {@link structType} and {@link funcType} from the basic types, such as {@link STRING}.
 * `T` is what a function with a parameter of this type gets.
 */
export interface GoType<T = unknown> {
  /** As `%T` prints it. */
  readonly name: string;
  /** What it is made of. */
  readonly kind: Kind;
  /** Of a slice, a map or a pointer. */
  readonly element?: GoType;
  /** Of a struct, in the order of its declaration. */
  readonly fields?: readonly GoField[];
  /** Of a struct, by name. */
  readonly methods?: ReadonlyMap<string, GoMethod>;
  /** Of a function. */
  readonly signature?: Signature;
  /** Never there; it carries `T` to the compiler. */
  readonly js?: T;
}

/** What a function takes. */
export interface Signature<P extends readonly GoType[] = readonly GoType[], R = unknown> {
  /** The types of the arguments that there must be. */
  readonly params: P;
  /** The type of each argument beyond `params`. Default: none may be given. */
  readonly variadic?: GoType<R>;
}

/** What a function gets for parameters of such types. */
export type Arguments<P extends readonly GoType[], R> = [
  ...{ [K in keyof P]: P[K] extends GoType<infer T> ? T : never },
  ...R[],
];

/** A method of a struct type: gets the object that the struct was made of, then its arguments. */
export interface GoMethod<T extends object = object> extends Signature {
  /** What it does; its result becomes a Go value. */
  run(self: T, ...args: readonly unknown[]): unknown;
}

/** A field of a struct. */
export interface GoField {
  /** As templates name it. */
  readonly name: string;
  /** What it holds. */
  readonly type: GoType;
  /** Its fields and methods can be named as if they were the outer struct's. */
  readonly isEmbedded: boolean;
  /** What `encoding/json` calls it; `-` leaves it out. Default: its name. */
  readonly jsonName: string | undefined;
  /** `encoding/json` leaves it out when it is empty. */
  readonly omitsEmpty: boolean;
  /** Those that begin with no capital letter can be printed and not named. */
  readonly isUnexported: boolean;
}

const basic = <T>(kind: Kind, name: string = kind): GoType<T> => ({ name, kind });

/** `bool` */
export const BOOL = basic<boolean>('bool');
/** `int`, 64 bits wide; a function gets those beyond 2^53 rounded. */
export const INT = basic<number>('int');
/** `int32` */
export const INT32 = basic<number>('int32');
/** `int64` */
export const INT64 = basic<bigint>('int64');
/** `uint8`, which is `byte` */
export const UINT8 = basic<number>('uint8');
/** `uint32` */
export const UINT32 = basic<number>('uint32');
/** `uint64` */
export const UINT64 = basic<bigint>('uint64');
/** `float64` */
export const FLOAT64 = basic<number>('float64');
/** `complex128`, which only templates have: JavaScript has no such number. */
export const COMPLEX128 = basic('complex128');
/** `string` */
export const STRING = basic<string>('string');
/** `interface {}`: takes any value. */
export const ANY = basic<unknown>('interface', 'interface {}');
/** `error`: takes what has an `Error` method, such as a JavaScript error. */
export const ERROR = basic<Error>('interface', 'error');
/** `reflect.Value`, which Go's own template functions take: any value, and nothing at all. */
export const REFLECTED = basic('struct', 'reflect.Value');
/** `time.Duration`, in nanoseconds. */
export const DURATION = basic<bigint>('int64', 'time.Duration');
export const MONTH = basic('int', 'time.Month');
export const WEEKDAY = basic('int', 'time.Weekday');
const LOCATION = basic('struct', 'time.Location');

// Types made of others are the same when these are: each is made once.
type MadeTypes = WeakMap<GoType, Omit<GoType, 'js'>>;
const slices: MadeTypes = new WeakMap();
const maps: MadeTypes = new WeakMap();
const pointers: MadeTypes = new WeakMap();

/** `[]T`: the type of slices of such elements. */
export function sliceOf<T>(element: GoType<T>): GoType<readonly T[]> {
  return sliceType(element);
}

function sliceType(element: GoType): Omit<GoType, 'js'> {
  return once(slices, element, { name: `[]${element.name}`, kind: 'slice', element });
}

/** `map[string]T`: the type of maps from strings to such elements. */
export function mapOf<T>(element: GoType<T>): GoType<ReadonlyMap<string, T>> {
  return once(maps, element, { name: `map[string]${element.name}`, kind: 'map', element });
}

/** `*T`: the type of pointers to such a struct. */
export function pointerTo<T>(element: GoType<T>): GoType<T | null> {
  return once(pointers, element, { name: `*${element.name}`, kind: 'ptr', element });
}

function once(made: MadeTypes, element: GoType, type: Omit<GoType, 'js'>): Omit<GoType, 'js'> {
  const existing = made.get(element) ?? type;
  made.set(element, existing);
  return existing;
}

/** A field as {@link structType} takes it, where it is more than a type. */
export interface FieldOptions {
  /** What it holds. */
  readonly type: GoType;
  /** The name in `json:"name"`; `-` leaves the field out. Default: the field's own name. */
  readonly json?: string;
  /** As `json:",omitempty"`. Default: false. */
  readonly omitEmpty?: boolean;
  /** The struct is embedded: its fields and methods can be named as if they were the outer one's. Default: false. */
  readonly embedded?: boolean;
}

/** The fields of a struct, in the order of their declaration. */
export type StructFields = Readonly<Record<string, GoType | FieldOptions>>;

/**
 * Makes a named struct type.
 *
 * @param name with its package, as `%T` prints it: `shop.Order`.
 * @param fields in the order that printing and JSON show; names that begin with no capital letter are unexported, as in Go. A function
 *   gives the fields of a type that leads back to itself.
 * @param methods by name: a function of the object alone for a method without arguments, or a {@link method}.
 */
export function structType<T extends object = Readonly<Record<string, unknown>>>(
  name: string,
  fields: StructFields | ((self: GoType) => StructFields),
  methods: Readonly<Record<string, ((self: T) => unknown) | GoMethod<T>>> = {},
): GoType<T> {
  const declared: GoField[] = [];
  const type: GoType<T> = {
    name,
    kind: 'struct',
    fields: declared,
    methods: new Map(
      Object.entries(methods).map(([key, run]) => [key, typeof run === 'function' ? { params: [], run } : run]),
    ),
  };
  for (const [key, options] of Object.entries(typeof fields === 'function' ? fields(type) : fields)) {
    declared.push(fieldOf(key, 'kind' in options ? { type: options } : options));
  }
  return type;
}

/**
 * Makes a method with parameters for {@link structType}.
 *
 * @param run gets the object that the struct was made of, then the arguments, which Go's rules have checked.
 */
export function method<T extends object, const P extends readonly GoType[], R = never>(
  signature: Signature<P, R>,
  run: (self: T, ...args: Arguments<P, R>) => unknown,
): GoMethod<T> {
  return { ...signature, run };
}

/**
 * Makes a named function type, for fields that hold functions.
 *
 * @param name with its package, as `%T` prints it: `shop.Hook`.
 */
export function funcType(name: string, signature: Signature): GoType {
  return { name, kind: 'func', signature };
}

function fieldOf(name: string, { type, json, omitEmpty = false, embedded = false }: FieldOptions): GoField {
  return {
    name,
    type,
    jsonName: json,
    omitsEmpty: omitEmpty,
    isEmbedded: embedded,
    isUnexported: !/^\p{Lu}/u.test(name),
  };
}

export const LIST = sliceOf(ANY);
export const STRINGS = sliceOf(STRING);
export const INTS = sliceOf(INT);
/** `[]byte` */
export const BYTES: GoType<Uint8Array> = sliceType(UINT8);
export const LISTS = sliceOf(LIST);
export const DICT = mapOf(ANY);
export const STRING_MAP = mapOf(STRING);
export const LOCATION_POINTER = pointerTo(LOCATION);

/** `time.Time`; its fields are there for `%d` and its like, which print what is inside. */
export const TIME: GoType<Date> = structType('time.Time', { wall: UINT64, ext: INT64, loc: LOCATION_POINTER });

/** What a JavaScript error is in Go: what `errors.New` gives. */
export const ERROR_POINTER = pointerTo(
  structType('errors.errorString', { s: STRING }, { Error: ({ message }: Error) => message }),
);

const SIGNED: ReadonlySet<Kind> = new Set<Kind>(['int', 'int32', 'int64']);
const UNSIGNED: ReadonlySet<Kind> = new Set<Kind>(['uint8', 'uint32', 'uint64']);
const NILLABLE: ReadonlySet<Kind> = new Set<Kind>(['slice', 'map', 'ptr', 'func', 'interface']);

export function isSigned({ kind }: GoType): boolean {
  return SIGNED.has(kind);
}

export function isUnsigned({ kind }: GoType): boolean {
  return UNSIGNED.has(kind);
}

/** Whether the type is one of whole numbers. */
export function isInteger(type: GoType): boolean {
  return isSigned(type) || isUnsigned(type);
}

/** Whether the type has a nil. */
export function isNillable(type: GoType): boolean {
  return NILLABLE.has(type.kind) || type === REFLECTED;
}
