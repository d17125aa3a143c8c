import type { KubernetesFaultEffect } from '@node-termination-handler/sandbox';
import type { World } from './world.ts';

/** What an admission webhook or policy answers, or does in place of an answer. */
export type Refusal = Extract<KubernetesFaultEffect, { kind: 'admission' }>['refusal'];

/** What may be refused, as the API server knows it. */
const REQUESTS = {
  evictions: { verb: 'create', resource: 'pods', subresource: 'eviction' },
  deletions: { verb: 'delete', resource: 'pods' },
  'patches of nodes': { verb: 'patch', resource: 'nodes' },
} as const;

/** What may be refused, in words. */
export type Refused = keyof typeof REQUESTS;

/** All that may be refused. */
export const ALL_REFUSED = Object.keys(REQUESTS) as readonly Refused[];

const WEBHOOK = 'no.example.com';

/** A webhook that denies by a status code. */
export function denial(code: number, more: { readonly reason?: string; readonly details?: object } = {}): Refusal {
  return { by: 'webhook', name: WEBHOOK, code, message: 'not now', ...more };
}

/** A webhook that does not answer: the API server gives it up after so many milliseconds. */
export function silence(timeoutMs: number): Refusal {
  return { by: 'webhook-that-hangs', name: WEBHOOK, timeoutMs };
}

/**
 * Has admission refuse requests.
 *
 * @param name - Of the objects whose requests are refused. Default: those of all.
 * @returns what ends it
 */
export function refuse(
  { sandbox: { kubernetes } }: Pick<World, 'sandbox'>,
  { what, refusal, name }: { readonly what: Refused; readonly refusal: Refusal; readonly name?: string | RegExp },
): () => void {
  const match = { ...REQUESTS[what], ...(name !== undefined && { name }) };
  const fault = kubernetes.faults.add({ match, effect: { kind: 'admission', refusal } });
  return () => fault.remove();
}
