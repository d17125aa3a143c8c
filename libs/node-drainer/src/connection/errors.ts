import { HttpError, HttpTimeoutError, UnsupportedAddressError } from '@node-termination-handler/http-client';
import { inspect } from 'node:util';
import type { ResourceRef, Verb } from './client.ts';
import type { Status } from './wire.ts';

/** No whole answer came: refused, reset, timed out, cut off, or too long. */
export class KubernetesConnectionError extends Error {
  override readonly name = 'KubernetesConnectionError';
}

/** A name that can't stand in a URL path, such as one with a slash in it or an empty one. */
export class InvalidNameError extends Error {
  override readonly name = 'InvalidNameError';
}

/** One reason of a {@link KubernetesApiError}, for instance `DisruptionBudget`. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** Who refuses a request on its way into the API server, whatever the status code. */
export interface AdmissionRefusal {
  readonly kind: 'webhook' | 'policy';
  readonly name: string;
}

/**
 * How the server names who refused: a webhook that denied or could not be called, or a ValidatingAdmissionPolicy. The first
 * that is named counts, since what follows is that one's own text.
 *
 * See https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
const ADMISSION = /(?:admission|calling) webhook "([^"]+)"|ValidatingAdmissionPolicy '([^']+)'/;
/** The authorizer's words; what else answers 403 can't be mended by a role. See https://kubernetes.io/docs/reference/access-authn-authz/authorization/ */
const MISSING_RIGHT = /\bcannot [a-z]+ resource "/;

/** The server answered, and said no. */
export class KubernetesApiError extends Error {
  override readonly name = 'KubernetesApiError';
  /** HTTP status code. */
  readonly status: number;
  /** The server's machine-readable word for it, such as `NotFound`, `Conflict`, `Forbidden`. */
  readonly reason: string | undefined;
  /** The server's own sentence. */
  readonly said: string | undefined;
  /** What the server adds, such as `DisruptionBudget` for an eviction that a budget refuses. */
  readonly causes: readonly StatusCause[];
  /** What the server's answer is about, in its own words; not always what was asked for. */
  readonly about: string | undefined;
  /** The name of the object that the answer is about; set only when the server itself names one. */
  readonly aboutName: string | undefined;
  /** Which admission webhook or policy refused, when one did. */
  readonly refusedBy: AdmissionRefusal | undefined;
  /** Whether a rule is missing from the caller's role. */
  readonly isMissingRight: boolean;
  /** Seconds the server asks to wait, from `Retry-After` or the answer's details. */
  readonly retryAfterSeconds: number | undefined;
  readonly verb: Verb;
  /** Plural resource name, with the subresource: `pods/eviction`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly objectName: string | undefined;

  constructor(call: ResourceRef & { verb: Verb }, httpStatus: number, body: Status | undefined, retryAfter?: number) {
    const resource = call.subresource ? `${call.resource}/${call.subresource}` : call.resource;
    const refusedBy = refusingAdmission(body);
    const isMissingRight = httpStatus === 403 && !refusedBy && MISSING_RIGHT.test(body?.message ?? '');
    super(describe(call, resource, httpStatus, body, isMissingRight));
    this.status = httpStatus;
    this.reason = body?.reason;
    this.said = body?.message;
    this.causes = body?.details?.causes ?? [];
    this.about = body?.details?.kind;
    this.aboutName = body?.details?.name;
    this.refusedBy = refusedBy;
    this.isMissingRight = isMissingRight;
    this.retryAfterSeconds = retryAfter ?? body?.details?.retryAfterSeconds;
    this.verb = call.verb;
    this.resource = resource;
    this.namespace = call.namespace;
    this.objectName = call.name;
  }

  /** Whether the server names `reason` among its causes. */
  hasCause(reason: string): boolean {
    return this.causes.some((cause) => cause.reason === reason);
  }
}

function refusingAdmission(body: Status | undefined): AdmissionRefusal | undefined {
  const [, webhook, policy] = ADMISSION.exec(body?.message ?? '') ?? [];
  if (webhook !== undefined) return { kind: 'webhook', name: webhook };
  return policy === undefined ? undefined : { kind: 'policy', name: policy };
}

function describe(
  call: ResourceRef & { verb: Verb },
  resource: string,
  httpStatus: number,
  body: Status | undefined,
  isMissingRight: boolean,
) {
  const object = [call.namespace, call.name].filter(Boolean).join('/');
  const target = object ? `${resource} ${object}` : resource;
  const said = body?.message ?? 'no reason given';
  if (isMissingRight) {
    const rule = `{apiGroups: [${call.group ?? '""'}], resources: [${resource}], verbs: [${call.verb}]}`;
    return `not allowed to ${call.verb} ${resource}: add this rule to the role: ${rule} (${said})`;
  }
  return `${call.verb} ${target}: ${httpStatus} ${body?.reason ?? ''}`.trimEnd() + ` (${said})`;
}

/**
 * Waits for what is sent or read, and makes one error of every way in which a connection can fail.
 *
 * @param what - The call, for an answer that does not come.
 */
export async function asKubernetesError<T>(sending: Promise<T>, what: string): Promise<T> {
  try {
    return await sending;
  } catch (error) {
    if (error instanceof HttpTimeoutError)
      throw new KubernetesConnectionError(`${what}: ${error.message}`, { cause: error });
    if (!(error instanceof HttpError) && !(error instanceof UnsupportedAddressError)) throw error;
    throw new KubernetesConnectionError(`connection to the API server: ${error.message}`, { cause: error });
  }
}

/** Whether the server does not know us by the credentials that were sent. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof KubernetesApiError && error.status === 401;
}

/** Whether the server knows no such object. An admission webhook may answer a write with the same code. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubernetesApiError && error.status === 404 && error.refusedBy === undefined;
}

/** Whether the server's certificate was not trusted, or ours not accepted. */
export function isCertificateFault(error: unknown): boolean {
  const cause = error instanceof KubernetesConnectionError ? error.cause : undefined;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' && /CERT|SIGNATURE|ERR_SSL|ERR_TLS/.test(code);
}

/** What an error of any kind says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}
