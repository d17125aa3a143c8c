import type { NodeObject } from '../kube.ts';

const PREFIX = 'aws-node-termination-handler';

/** What the programs have written on a node, as a stranger reads it. */
interface Written {
  /** Whose turn it is, `namespace/pod`, and which start of that pod. */
  readonly claim: { readonly holder: string; readonly incarnation: string } | undefined;
  readonly cordon: { readonly ours: boolean } | undefined;
  readonly entries: readonly {
    readonly key: string;
    readonly id: string;
    readonly progress: string;
    readonly told: readonly string[];
    /** Phases that came with later releases, beside those that the first one reads. */
    readonly toldToo?: readonly string[];
  }[];
}

/** Reads claim and record off a node; empty where there are none. */
export function writtenOn({ metadata: { annotations = {} } }: NodeObject): Written {
  const { claim, interruptions = '{}' } = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key.replace(`${PREFIX}/`, ''), value]),
  );
  const { cordon, entries = [] } = JSON.parse(interruptions) as Partial<Written>;
  return {
    claim: claim === undefined ? undefined : (JSON.parse(claim) as Written['claim']),
    cordon,
    entries: entries.map((entry) => ({ ...entry, told: [...entry.told, ...(entry.toldToo ?? [])] })),
  };
}
