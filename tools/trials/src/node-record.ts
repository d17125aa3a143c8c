import { parseRecord, readAt, readList, readString, readStrings } from '@node-termination-handler/sandbox';

const PREFIX = 'aws-node-termination-handler/';
const LOAD_BALANCER_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
const OUT_OF_SERVICE_TAINT = 'node.kubernetes.io/out-of-service';
const REBOOT_LABELS = ['event-id', 'action', 'action-time'].map((name) => `${PREFIX}${name}`);

/** The taint that tells why a node goes, by the first word of an entry's key. */
const TAINTS: Readonly<Record<string, string>> = {
  spot: `${PREFIX}spot-itn`,
  reservation: `${PREFIX}spot-itn`,
  state: `${PREFIX}asg-lifecycle-termination`,
  target: `${PREFIX}asg-lifecycle-termination`,
  action: `${PREFIX}asg-lifecycle-termination`,
  rebalance: `${PREFIX}rebalance-recommendation`,
  scheduled: `${PREFIX}scheduled-maintenance`,
  health: `${PREFIX}scheduled-maintenance`,
  label: `${PREFIX}scheduled-maintenance`,
};

/** An entry of a node's record, as far as it is judged. */
interface Entry {
  /** `spot`, `action`, `scheduled` …: the first word of its key. */
  readonly cause: string;
  readonly progress: string;
  readonly raw: unknown;
}

function recordOf(node: unknown): unknown {
  return parseRecord(readString(node, 'metadata', 'annotations', `${PREFIX}interruptions`) ?? '');
}

function entriesOf(node: unknown): readonly Entry[] {
  return readList(recordOf(node), 'entries').map((raw) => ({
    cause: (readString(raw, 'key') ?? '').replace(/\/.*/, ''),
    progress: readString(raw, 'progress') ?? '',
    raw,
  }));
}

/** The causes that a node's record tells of and that are not over: the work for these goes on, whoever dies. */
export function recordedCauses(node: unknown): readonly string[] {
  return entriesOf(node)
    .filter(({ progress }) => ['waiting', 'acting', 'emptied', 'settled'].includes(progress))
    .map(({ cause }) => cause);
}

/**
 * Where the marks of a node are others than its record asks for, in words. Read out of the formats alone, and not by the programs' own
 * code: that would agree with itself.
 */
export function disagreements(node: unknown): readonly string[] {
  const found = marksOf(node);
  const entries = entriesOf(node);
  const holders = entries.filter(({ progress }) => ['acting', 'emptied', 'settled'].includes(progress));
  const record = recordOf(node);
  const asks = (mark: string) => holders.filter(({ raw }) => readAt(raw, 'decision', 'marks', mark) !== undefined);
  const isUnschedulable = found.cordon === true;
  const isOurCordon = readAt(record, 'cordon', 'ours') === true;

  const wanted: Readonly<Record<string, boolean>> = {
    // A cordon that is left to a person is as the person has it.
    cordon:
      isUnschedulable && holders.length > 0 ? true : holders.some(({ raw }) => readAt(raw, 'remarked') !== 'left'),
    'label for load balancers': asks('loadBalancers').length > 0,
    'labels for its reboot': asks('reboot').length > 0,
    'annotation cordoned-for': holders.length > 0 && isOurCordon,
    ...Object.fromEntries(asks('taint').map(({ cause }) => [`taint ${TAINTS[cause] ?? cause}`, true])),
    ...(holders.length > 0 &&
      readAt(record, 'shutDownAt') !== undefined && { [`taint ${OUT_OF_SERVICE_TAINT}`]: true }),
  };
  const marks = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  return marks
    .filter((mark) => (found[mark] ?? false) !== (wanted[mark] ?? false))
    .map((mark) => (wanted[mark] === true ? `the ${mark} is missing` : `nothing asks for the ${mark}`));
}

/** Whether a node carries a mark of this program, whatever its record says. A cordon alone may be anybody's. */
export function isMarked(node: unknown): boolean {
  const { cordon: isCordoned = false, ...marks } = marksOf(node);
  return Object.values(marks).includes(true) || (isCordoned && readAt(recordOf(node), 'cordon', 'ours') === true);
}

/** The marks that a node carries. */
function marksOf(node: unknown): Readonly<Record<string, boolean>> {
  const annotations = readStrings(node, 'metadata', 'annotations');
  const labels = readStrings(node, 'metadata', 'labels');
  return {
    cordon: readAt(node, 'spec', 'unschedulable') === true,
    'label for load balancers': labels[LOAD_BALANCER_LABEL] === PREFIX.slice(0, -1),
    'labels for its reboot': REBOOT_LABELS.some((key) => labels[key] !== undefined),
    'annotation cordoned-for': annotations[`${PREFIX}cordoned-for`] !== undefined,
    ...taintsOf(node),
  };
}

/** Whether a node is claimed though nobody has anything to do on it. A claim ends with its holder's next look: ask in the end. */
export function isClaimedForNothing(node: unknown): boolean {
  const isInWork = entriesOf(node).some(
    ({ progress, raw }) =>
      ['acting', 'emptied'].includes(progress) && readString(raw, 'decision', 'action') === 'drain',
  );
  return !isInWork && readString(node, 'metadata', 'annotations', `${PREFIX}claim`) !== undefined;
}

/** Taints of the kinds that this program sets. */
function taintsOf(node: unknown): Readonly<Record<string, boolean>> {
  const keys = readList(node, 'spec', 'taints').map((taint) => readString(taint, 'key') ?? '');
  const own = keys.filter((key) => key.startsWith(PREFIX) || key === OUT_OF_SERVICE_TAINT);
  return Object.fromEntries(own.map((key) => [`taint ${key}`, true]));
}

/** What the records of nodes said, from when on, and where their marks did not go with them. */
export class RecordHistory {
  readonly #causes = new Map<string, { readonly at: number; readonly causes: readonly string[] }[]>();
  readonly #disagreements = new Set<string>();
  /** Until when a disagreement of a node may last, by its words. */
  readonly #excuses = new Map<string, Map<string, number>>();
  /** Disagreements that stand and are excused, by node and words, with the moment at which they no longer are. */
  readonly #open = new Map<string, ReadonlyMap<string, number>>();

  /** A node as it is from `at` on; undefined when it is gone, which takes nothing back of what its record said. */
  see(name: string, node: unknown, at: number): void {
    const seen = this.#causes.get(name) ?? [];
    this.#causes.set(name, seen);
    if (node !== undefined) seen.push({ at, causes: recordedCauses(node) });
    this.judge(at);
    const open = new Map<string, number>();
    for (const what of node === undefined ? [] : disagreements(node)) {
      const until = this.#excuses.get(name)?.get(what) ?? -Infinity;
      if (until < at) this.#disagreements.add(`${name}: ${what}`);
      else open.set(what, until);
    }
    this.#open.set(name, open);
  }

  /** Somebody else is about to change a mark: whoever is to see to it has until then to notice. Other marks are judged as ever. */
  excuse(name: string, what: string, until: number): void {
    const excuses = this.#excuses.get(name) ?? new Map<string, number>();
    this.#excuses.set(name, excuses.set(what, until));
  }

  /** Whether marks disagree for which there is still time. */
  get isUnsettled(): boolean {
    return [...this.#open.values()].some((open) => open.size > 0);
  }

  /** Notes what was excused and has lasted longer. */
  judge(at: number): void {
    for (const [name, open] of this.#open) {
      for (const [what, until] of open)
        if (until < at) this.#disagreements.add(`${name}: ${what}, and nobody saw to it`);
    }
  }

  /** The causes that a node's record told of at a moment. */
  causesAt(name: string, at: number): readonly string[] {
    return this.#causes.get(name)?.findLast((seen) => seen.at <= at)?.causes ?? [];
  }

  /** Every disagreement that was ever seen. */
  get disagreements(): readonly string[] {
    return [...this.#disagreements];
  }
}
