import { createHash } from 'node:crypto';
import { OWN_PREFIX } from '@node-termination-handler/node-drainer';
import * as v from 'valibot';
import { incarnation } from '../record/claims.ts';
import type { Beat, HolderName, Self } from '../record/claims.ts';

const PREFIX = `beat.${OWN_PREFIX}/`;
/** The longest name of an annotation, after its prefix; see https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/#syntax-and-character-set */
const LONGEST_NAME = 63;
const FINGERPRINT_LENGTH = 16;
/** More are not looked at: a release has a few replicas, and whoever may write to the Lease may write anything there. */
const MOST_BEATS = 1000;

/** The annotations of an object. */
type Annotations = Readonly<Record<string, string>>;

/** The annotation of its release's Lease in which a holder beats: named after its pod, or after as much of that as an annotation's name can take. */
export function beatAnnotation(holder: HolderName): string {
  const pod = holder.slice(holder.lastIndexOf('/') + 1);
  if (pod.length <= LONGEST_NAME && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/i.test(pod)) return `${PREFIX}${pod}`;
  const begin = pod.replaceAll(/[^-.a-z0-9]/gi, '-').slice(0, LONGEST_NAME - FINGERPRINT_LENGTH - 2);
  const fingerprint = createHash('sha256').update(pod).digest('hex').slice(0, FINGERPRINT_LENGTH);
  // A name begins with a letter or a digit.
  return `${PREFIX}x${begin}-${fingerprint}`;
}

/** Writes a beat as its annotation's value. */
export function serialiseBeat({ holder, incarnation: random }: Self, count: number): string {
  return JSON.stringify({ holder, incarnation: random, count });
}

const beatSchema = v.pipe(
  v.string(),
  v.maxLength(1024),
  v.parseJson(),
  v.object({
    holder: v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,320}$/)),
    incarnation: v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/)),
    count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  }),
);

/** Reads the beats of a Lease's annotations; what no holder wrote into its own annotation counts as none. */
export function readBeats(annotations: Annotations = {}): ReadonlyMap<HolderName, Beat> {
  const beats = new Map<HolderName, Beat>();
  const keys = Object.keys(annotations).filter((key) => key.startsWith(PREFIX));
  for (const key of keys.slice(0, MOST_BEATS)) {
    const parsed = v.safeParse(beatSchema, annotations[key]);
    if (!parsed.success) continue;
    const { incarnation: random, count } = parsed.output;
    const holder = parsed.output.holder as HolderName;
    // Each in its own annotation: a copy in another's would be a second beat of the same holder.
    if (beatAnnotation(holder) === key) beats.set(holder, { incarnation: incarnation(random), count });
  }
  return beats;
}
