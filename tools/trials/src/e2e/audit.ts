import { readFile } from 'node:fs/promises';

/** One request that the API server answered, as its own audit log tells. */
export interface AuditedRequest {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly name?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestReceivedTimestamp: string;
}

const reads = new Set(['get', 'list', 'watch']);

/** Reads what one user did so far, oldest first. */
export async function auditedRequests(auditLog: string, user: string): Promise<readonly AuditedRequest[]> {
  const requests = await requestsThatName(auditLog, user);
  return requests.filter((request) => request.user.username === user);
}

/** Reads what anybody who is audited asked to be done with the pods of a namespace, oldest first. */
export async function podRequests(auditLog: string, namespace: string): Promise<readonly AuditedRequest[]> {
  const requests = await requestsThatName(auditLog, namespace);
  return requests.filter(({ objectRef }) => objectRef?.resource === 'pods' && objectRef.namespace === namespace);
}

async function requestsThatName(auditLog: string, name: string): Promise<readonly AuditedRequest[]> {
  const text = await readFile(auditLog, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.includes(JSON.stringify(name)));
  return lines.map((line) => JSON.parse(line) as AuditedRequest);
}

/** When the API server took a request, in ms since the epoch. */
export function takenAt({ requestReceivedTimestamp }: AuditedRequest): number {
  return Date.parse(requestReceivedTimestamp);
}

/** Whether a request deleted a pod, as a kubelet does when it has ended, and was accepted. */
export function isDeletion({ verb, objectRef, responseStatus }: AuditedRequest): boolean {
  return verb === 'delete' && objectRef?.subresource === undefined && responseStatus?.code === 200;
}

/** Whether a request changes something: not a read, not a question about one's own rights, and not a dry run. */
export function isWrite({ verb, objectRef, requestURI }: AuditedRequest): boolean {
  if (reads.has(verb) || objectRef?.resource === 'selfsubjectaccessreviews') return false;
  return !new URL(requestURI, 'https://x').searchParams.has('dryRun');
}

/** `create pods/eviction`: a request without its names. */
export function kindOfCall({ verb, objectRef, requestURI }: AuditedRequest): string {
  if (objectRef?.resource === undefined) return `${verb} ${requestURI}`;
  const { resource, subresource } = objectRef;
  return subresource === undefined ? `${verb} ${resource}` : `${verb} ${resource}/${subresource}`;
}
