import { createHash, randomUUID } from 'node:crypto';
import { sleep, systemClock } from '@node-termination-handler/clock';
import type { SceneNode } from './scene-node.ts';
import type { Stage } from './stage.ts';

/** What the keys of this program's marks begin with. */
export const own = 'aws-node-termination-handler';
/** The annotation that holds the record. */
export const RECORD = `${own}/interruptions`;
/** The annotation that says whose turn it is. */
export const CLAIM = `${own}/claim`;

export const MINUTES = 60_000;

/** A node's path in the API. */
export function nodePath({ name }: SceneNode): string {
  return `/api/v1/nodes/${name}`;
}

/** An entry as this program writes it, but for what somebody makes of it. */
export function entry(key: string, more: object = {}): object {
  return {
    v: 1,
    key,
    progress: 'acting',
    id: 'forged',
    noticedAt: Date.now(),
    end: { kind: 'open', why: 'no-start' },
    mayReturn: false,
    sources: ['imds', 'sqs'],
    decision: { action: 'drain', lead: 'immediate', podDeadline: 'respect', marks: {} },
    told: [],
    ...more,
  };
}

/** A record of such entries, as the annotation has it. */
export function record(entries: readonly object[], head: object = {}): string {
  return JSON.stringify({ bootId: '', ...head, entries });
}

/** The key of a lifecycle action, as anybody works it out who knows its token. */
export function actionKey(token: string): string {
  return `action/${createHash('sha256')
    .update(JSON.stringify([token]))
    .digest('hex')
    .slice(0, 32)}`;
}

/** What a kubelet writes onto its own node, with its own rights. */
export async function annotate(
  stage: Stage,
  node: SceneNode,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  await stage.kubelet(node).patch(nodePath(node), { metadata: { annotations } });
}

/** Has a kubelet claim its node in the name of a process that there is not, of another start each time, until the work is done. */
export async function whileClaiming(
  stage: Stage,
  node: SceneNode,
  lease: string | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const claim = () =>
    annotate(stage, node, { [CLAIM]: JSON.stringify({ holder: 'ops/nobody', incarnation: randomUUID(), lease }) });
  await claim();
  const writing = (async () => {
    for (; !over.signal.aborted; await sleep(systemClock, 300, over.signal).catch(() => undefined)) await claim();
  })();
  try {
    await Promise.race([work(), writing]);
  } finally {
    over.abort();
    await writing;
  }
}
