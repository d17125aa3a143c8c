import {
  ANY,
  BOOL,
  BYTES,
  DURATION,
  ERROR,
  FLOAT64,
  funcType,
  goTime,
  goValue,
  INT,
  INT32,
  INT64,
  mapOf,
  method,
  pointerTo,
  sliceOf,
  STRING,
  structType,
  TIME,
  UINT32,
  UINT64,
  UINT8,
} from '../src/index.ts';

const HOST = structType('hosts.Host', {
  OwnerId: { type: STRING, json: 'ownerId' },
  ID: { type: STRING, json: 'id' },
  Tier: { type: STRING, json: 'tier' },
  Model: { type: STRING, json: 'model' },
  PublicName: { type: STRING, json: 'publicName' },
  PublicIP: { type: STRING, json: 'publicIp' },
  LocalName: { type: STRING, json: 'localName' },
  LocalIP: { type: STRING, json: 'privateIp' },
  Site: { type: STRING, json: 'site' },
  Region: { type: STRING, json: 'region' },
});

// A hook takes a job, and a job has hooks: the type of the one is only named in errors of the other.
const HOOK = funcType('jobs.Hook', { params: [structType('jobs.Job', {}), structType('struct {}', {})] });

const JOB = structType('jobs.Job', {
  JobID: STRING,
  Kind: STRING,
  Source: STRING,
  Description: STRING,
  State: STRING,
  Team: STRING,
  Name: STRING,
  Labels: mapOf(STRING),
  Steps: sliceOf(STRING),
  ID: STRING,
  Path: STRING,
  Model: STRING,
  IsManaged: BOOL,
  StartTime: TIME,
  EndTime: TIME,
  IsDone: BOOL,
  InProgress: BOOL,
  BeforeRun: { type: HOOK, json: '-' },
  AfterRun: { type: HOOK, json: '-' },
});

const ENTRY = structType('queue.entry', {
  Host: { type: HOST, embedded: true },
  Job: { type: JOB, embedded: true },
  ID: STRING,
  Model: STRING,
});

/** What `queue.Full` is in Go. */
export const fullEntry = goValue(ENTRY, {
  Host: {
    OwnerId: '123456789012',
    ID: 'h-0000000000000host',
    Tier: 'night',
    Model: 'l4.host',
    PublicName: 'web-192-0-2-54.north-1.example.com',
    PublicIP: '192.0.2.54',
    LocalName: 'ip-10-0-0-1.north-1.example.net',
    LocalIP: '10.0.0.1',
    Site: 'north-1a',
    Region: 'north-1',
  },
  Job: {
    JobID: 'night-run-6b1f0c',
    Kind: 'NIGHT_RUN',
    Source: 'NIGHT_RUN_QUEUE',
    Description: 'Night RUN received: "instance" <i-1> & it\'s over — ünïcode',
    Team: 'my-team',
    Name: 'ip-10-0-0-1.north-1.example.net',
    Labels: { 'example.com/arch': 'amd64', 'host.example.com/instance-type': 'l4.large', team: 'blue' },
    Steps: ['web-1', 'api-2', 'cache-0'],
    ID: 'j-0123456789abcdef0',
    Path: 'queue:///north-1a/j-0123456789abcdef0',
    Model: 'l4.large',
    IsManaged: true,
    StartTime: new Date('2026-01-02T03:04:05.678Z'),
    EndTime: new Date('2026-07-03T15:30:00Z'),
    InProgress: true,
  },
  ID: 'j-0123456789abcdef0',
  Model: 'l4.large',
});

interface Person {
  readonly First: string;
  readonly Last: string;
  readonly age?: number;
}

const PERSON = structType<Person>(
  'people.Person',
  { First: STRING, Last: STRING, Born: TIME, age: INT },
  {
    Full: ({ First, Last }) => `${First} ${Last}`,
    Greet: method({ params: [STRING, INT] }, ({ First }: Person, greeting, times) =>
      `${greeting}, ${First}! `.repeat(times),
    ),
    Sum: method({ params: [], variadic: INT }, ({ age = 0 }: Person, ...numbers) =>
      numbers.reduce((sum, number) => sum + number, age),
    ),
    Fail: ({ First }) => {
      throw new Error(`no ${First}`);
    },
  },
);
const MONEY = structType<{ readonly Cents: number }>(
  'people.Money',
  { Cents: INT },
  { String: ({ Cents }) => `€${Math.floor(Cents / 100)}.${String(Cents % 100).padStart(2, '0')}` },
);
const FAULT = structType<{ readonly Code: number }>(
  'people.Fault',
  { Code: INT },
  { Error: ({ Code }) => `fault ${Code}` },
);
const SHOWN = structType<{ readonly Text: string }>(
  'people.Shown',
  { Text: STRING },
  { GoString: ({ Text }) => `Shown(${Text})` },
);
const STAMPED = structType('people.Stamped', { Time: { type: TIME, embedded: true }, Note: STRING });
const ITEM = structType('people.Item', (item) => ({
  Name: { type: STRING, json: 'name' },
  Price: { type: MONEY, json: 'price' },
  Count: { type: INT, json: 'count', omitEmpty: true },
  Tags: { type: sliceOf(STRING), json: 'tags', omitEmpty: true },
  More: { type: mapOf(STRING), json: 'more', omitEmpty: true },
  Note: { type: STRING, omitEmpty: true },
  Next: { type: pointerTo(item), json: 'next', omitEmpty: true },
  Any: { type: ANY, json: 'any', omitEmpty: true },
}));

const ACCOUNT = structType('people.Account', {
  Person: { type: PERSON, embedded: true },
  Balance: MONEY,
  Fault: FAULT,
  Shown: SHOWN,
  Stamped: STAMPED,
  Scores: sliceOf(FLOAT64),
  Counts: mapOf(INT),
  Prices: mapOf(MONEY),
  Raw: BYTES,
  Took: DURATION,
  Zoned: TIME,
  Err: ERROR,
  NoErr: ERROR,
  Any: ANY,
  Friend: pointerTo(PERSON),
  Nobody: pointerTo(PERSON),
  Items: sliceOf(ITEM),
  Matrix: sliceOf(sliceOf(INT)),
  Small: UINT8,
  Wide: INT64,
  Widest: UINT64,
  Rune: INT32,
  Word: UINT32,
  Half: FLOAT64,
  Double: funcType('func(int) int', { params: [INT] }),
  Join: funcType('func(string, ...string) string', { params: [STRING], variadic: STRING }),
  Nothing: funcType('func(int) int', { params: [INT] }),
  secret: STRING,
});

const fullAccount = goValue(ACCOUNT, {
  Person: { First: 'Ada', Last: 'Lovelace', Born: new Date('1952-03-11T00:00:00Z'), age: 36 },
  Balance: { Cents: 1234 },
  Fault: { Code: 7 },
  Shown: { Text: 'é' },
  Stamped: { Time: new Date('2026-01-02T03:04:05Z'), Note: 'n' },
  Scores: [1, 2.5, 1e21],
  Counts: { b: 2, a: 1 },
  Prices: { tea: { Cents: 250 } },
  Raw: Uint8Array.of(0xc3, 0xa9, 0xff),
  Took: 90_000_000_000n,
  Zoned: goTime(new Date('2026-07-03T15:30:00Z'), { zone: 'Europe/Amsterdam', nanoseconds: 123_456_789 }),
  Err: new Error('went wrong'),
  Any: { deep: [1, 'two', null] },
  Friend: { First: 'Charles', Last: 'Babbage', age: 79 },
  Nobody: null,
  Items: [
    { Name: 'tea', Price: { Cents: 250 }, Count: 2, Tags: ['hot'], Next: { Name: 'milk' }, Any: 0 },
    { Name: 'cake' },
  ],
  Matrix: [[1, 2], [], [3]],
  Small: 200,
  Wide: -9_007_199_254_740_993n,
  Widest: 18_446_744_073_709_551_615n,
  Rune: 8364,
  Word: 4_294_967_295,
  Half: 0.5,
  Double: (number: number) => 2 * number,
  Join: (separator: string, ...parts: readonly string[]) => parts.join(separator),
  secret: 'hidden',
});

// `__proto__` as a key of its own: an object that is written so would have it for its prototype.
const nested: unknown = JSON.parse('{"a": 1, "constructor": "c", "__proto__": "p"}');

/** The data that the table's cases name, as the Go program makes it. */
export const goldenData: Readonly<Record<string, unknown>> = {
  '': fullEntry,
  empty: goValue(ENTRY, {}),
  account: fullAccount,
  dictionary: {
    name: 'Ada',
    answer: 42,
    half: 0.5,
    large: 1e21,
    yes: true,
    none: null,
    list: [1, 'two', 3.5, null, []],
    map: nested,
    bytes: new TextEncoder().encode('é'),
    time: new Date('2026-01-02T03:04:05.678Z'),
    error: new Error('went wrong'),
    text: 'ünïcode 😀',
  },
  counts: goValue(mapOf(INT), { a: 1 }),
  nothing: undefined,
};
