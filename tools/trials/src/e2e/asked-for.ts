import assert from 'node:assert/strict';
import { isDeletion } from './audit.ts';
import type { AuditedRequest } from './audit.ts';
import type { Scene } from './scene.ts';

/** What is asked again after pauses of up to half a minute is waited for so long, in ms. */
export const PAUSES_MS = 100_000;

/** Kept free before an end for the pod's own end to be reported, in seconds. */
const MARGIN_S = 2;

/** From when on a pod may be hurried: from then its grace no longer fits before the end. */
export function lastGracefulMoment(endMs: number, graceSeconds: number): number {
  return endMs - (MARGIN_S + graceSeconds) * 1000;
}

/** What the programs asked to be done with a pod, by the audit log, and what of it was accepted. */
interface Asked {
  readonly evictions: readonly AuditedRequest[];
  readonly deletions: readonly AuditedRequest[];
  readonly accepted: readonly AuditedRequest[];
}

/** Looks up what all programs asked to be done with a pod so far. */
export async function askedFor(scene: Scene, pod: string): Promise<Asked> {
  const programs = 'system:serviceaccount:node-termination-handler:';
  const requests = (await scene.podRequests()).filter(
    ({ user, objectRef }) => user.username.startsWith(programs) && objectRef?.name === pod,
  );
  const evictions = requests.filter(({ objectRef }) => objectRef?.subresource === 'eviction');
  const deletions = requests.filter(({ verb, objectRef }) => verb === 'delete' && objectRef?.subresource === undefined);
  const isAccepted = (one: AuditedRequest) => isDeletion(one) || one.responseStatus?.code === 201;
  return { evictions, deletions, accepted: [...evictions, ...deletions].filter(isAccepted) };
}

/** Waits until what was asked of a pod is as it should be. */
export function untilAsked(scene: Scene, pod: string, what: string, isSo: (asked: Asked) => boolean): Promise<void> {
  return scene.eventually(`${pod} ${what}`, async () => isSo(await askedFor(scene, pod)), PAUSES_MS);
}

/** Whoever held the pod was heard to the end: one eviction was accepted, and nobody ever tried to delete it. */
export async function assertKept(scene: Scene, pod: string, about: string): Promise<void> {
  const { accepted, deletions } = await askedFor(scene, pod);
  assert.deepEqual(deletions, [], about);
  const how = accepted.map(({ objectRef }) => objectRef?.subresource);
  assert.deepEqual(how, ['eviction'], about);
}
