import { healthEvent, lifecycleEvent, seededRandom, spotInterruptionEvent } from '@node-termination-handler/sandbox';
import type { LifecycleAction } from '@node-termination-handler/sandbox';
import fc from 'fast-check';

const LONG = 'x'.repeat(255 * 1024);

/** Bodies that somebody wrote on purpose, against each thing that a parser may do wrong. */
export const WRITTEN: readonly string[] = [
  'null',
  '[]',
  '0',
  '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000),
  '['.repeat(100_000),
  JSON.stringify({ filler: LONG }),
  '{"__proto__":{"isManaged":true,"source":"aws.ec2"},"constructor":{"prototype":{"id":"x"}}}',
  '{"source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":{"__proto__":{"instance-id":"i-1"}}}',
  // Regular expressions that go back and forth would take hours over these.
  JSON.stringify({ ...spotInterruptionEvent(`i-${'a'.repeat(100_000)}!`) }),
  JSON.stringify({ ...spotInterruptionEvent('i-1'), time: `2026-01-01T00:00:00.${'0'.repeat(100_000)}x` }),
  // Names that become paths, labels, annotations and log lines.
  JSON.stringify(spotInterruptionEvent('../../api/v1/namespaces/kube-system/secrets')),
  JSON.stringify(spotInterruptionEvent('i-1%2f..%2f..%2fsecrets?watch=true#')),
  JSON.stringify({
    ...spotInterruptionEvent('i-1'),
    id: 'a\r\nx-injected: 1\r\n\r\n{"level":"fatal"}\u001b[31m\u202e',
  }),
  JSON.stringify({ Type: 'Notification', Message: JSON.stringify({ Type: 'Notification', Message: '{' }) }),
  '\u007f\ufeff\u202e',
];

/** Bodies made of good ones by chance: cut, with other values, other types, other bytes. The seed decides which. */
export function fuzzedBodies(seed: number, count: number): readonly string[] {
  const random = seededRandom(seed);
  const good: readonly object[] = [
    spotInterruptionEvent('i-0123456789abcdef0'),
    healthEvent(['i-0123456789abcdef0', 'i-0123456789abcdef1']),
    lifecycleEvent(someAction()),
  ];
  const values = fc.sample(fc.jsonValue({ maxDepth: 3 }), { seed, numRuns: count });
  return values.map((value, index) => {
    const body = good[index % good.length] ?? {};
    switch (Math.floor(random() * 4)) {
      case 0:
        return JSON.stringify(value);
      case 1:
        return JSON.stringify(body).slice(0, Math.floor(random() * 400));
      case 2:
        return JSON.stringify(withOther(body, value, random));
      default:
        return withOtherBytes(JSON.stringify(body), random);
    }
  });
}

/** One field, at the top or in the detail, has another value. */
function withOther(body: object, value: unknown, random: () => number): object {
  const entries = Object.entries(body);
  const chosen = Math.floor(random() * entries.length);
  return Object.fromEntries(
    entries.map(([key, old], index) => {
      if (index !== chosen) return [key, old];
      const isObject = typeof old === 'object' && old !== null && !Array.isArray(old);
      return [key, isObject && random() < 0.7 ? withOther(old as object, value, random) : value];
    }),
  );
}

function withOtherBytes(text: string, random: () => number): string {
  const bytes = Buffer.from(text);
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    bytes[Math.floor(random() * bytes.length)] = 32 + Math.floor(random() * 95);
  }
  return bytes.toString('utf8');
}

function someAction(): LifecycleAction {
  return {
    token: '00000000-0000-4000-8000-000000000000',
    instanceId: 'i-0123456789abcdef0',
    hook: {
      name: 'drain',
      group: 'workers',
      transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      heartbeatTimeoutSeconds: 300,
      defaultResult: 'ABANDON',
      notificationMetadata: undefined,
    },
    way: { origin: 'AutoScalingGroup', destination: 'EC2' },
    state: 'waiting',
    result: undefined,
    startedAt: 0,
    deadlineAt: 0,
    endedAt: undefined,
    history: [],
  };
}
