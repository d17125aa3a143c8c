/** One of several reasons of a failure. */
interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What a failure (or a deletion) is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** The answer of the API server to what failed; see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A request that the API server refuses, with the Status that it answers. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status & { readonly code: number };

  constructor(status: Status & { readonly code: number }) {
    super(status.message ?? status.reason ?? String(status.code));
    this.status = status;
  }
}

/** A resource as messages name it: `pods`, `leases.coordination.k8s.io`. */
interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

function qualified({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function detailsOf({ group, resource }: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(resource === '' ? {} : { kind: resource }),
  };
}

function failure(code: number, reason: string | undefined, message: string, details?: StatusDetails): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason !== undefined && { reason }),
    ...(details !== undefined && { details }),
    code,
  });
}

/** 404: there is no such object. */
export function notFound(resource: GroupResource, name: string): ApiError {
  return failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** 404: the server has no such path below a group that it knows. */
export function noSuchResource(): ApiError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 405: the server knows the path, but not this method on it. */
export function methodNotAllowed(): ApiError {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** 409: an object of this name exists already. */
export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return failure(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));
}

/** 409: the object is not as the caller thinks. */
export function conflict(resource: GroupResource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return failure(409, 'Conflict', message, detailsOf(resource, name));
}

/** 401: the credentials are missing, wrong or expired. */
export function unauthorized(): ApiError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

/** 403: the user lacks a right, or a rule of the server forbids it. */
export function forbidden(resource: GroupResource, name: string, why: string): ApiError {
  const subject =
    resource.resource === '' ? '' : name === '' ? `${qualified(resource)} is ` : `${qualified(resource)} "${name}" is `;
  return failure(403, 'Forbidden', `${subject}forbidden: ${why}`, detailsOf(resource, name));
}

/** 400: the request itself can't be understood. */
export function badRequest(message: string): ApiError {
  return failure(400, 'BadRequest', message);
}

/** 410: what was asked for is older than what the server remembers. */
export function expired(message: string, continueToken?: string): ApiError {
  const { status } = failure(410, 'Expired', message);
  return new ApiError({ ...status, ...(continueToken === undefined ? {} : { metadata: { continue: continueToken } }) });
}

/** 422 without a word about the reason, as the server answers a JSON patch that does not apply. */
export function unprocessable(): ApiError {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** 413: the body is larger than the server takes. */
export function tooLarge(message: string): ApiError {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

/** 415: the server does not take this content type here. */
export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

/** 415 for a patch of a type that the server does not take. */
export function unsupportedPatchType(): ApiError {
  return failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** 406 for an `Accept` header without any type that the server has. */
export function noAcceptableType(): ApiError {
  const available = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  return failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available}`, {});
}

/** 406: the server can't answer in any of the formats that the client takes. */
export function notAcceptable(message: string): ApiError {
  return failure(406, 'NotAcceptable', message);
}

/** 429 from an eviction, never from flow control: it says which budget is in the way. */
export function evictionBlocked(causeMessage: string, retryAfterSeconds: number): ApiError {
  return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message: causeMessage }],
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}

/** 500 with a message and no reason. */
export function serverFailure(message: string): ApiError {
  return failure(500, undefined, message);
}

/** 500: something broke inside the server. */
export function internalError(message: string): ApiError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** 503: the server can't serve now. */
export function serviceUnavailable(message: string): ApiError {
  return failure(503, 'ServiceUnavailable', message);
}

/** 504: the server gave up waiting. */
export function timeout(message: string, details: StatusDetails): ApiError {
  return failure(504, 'Timeout', `Timeout: ${message}`, details);
}

/** Why one field of an object is refused. */
export interface FieldError {
  readonly type: 'Invalid' | 'Required' | 'Duplicate' | 'NotSupported' | 'Forbidden' | 'TooLong';
  readonly field: string;
  readonly message: string;
}

/** 422: the object breaks the rules of its kind. */
export function invalid(kind: GroupResource, name: string, errors: readonly FieldError[]): ApiError {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const what = lines.length === 1 ? lines.join('') : `[${lines.join(', ')}]`;
  return failure(422, 'Invalid', `${qualified(kind)} "${name}" is invalid: ${what}`, {
    ...detailsOf(kind, name),
    causes: errors.map(({ type, field, message }) => ({ reason: `FieldValue${type}`, message, field })),
  });
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } as const;

/** The answer to a deletion whose object is gone or going. */
export function deleted(resource: GroupResource, name: string, uid: string): Status {
  return { ...success, details: { ...detailsOf(resource, name), uid } };
}

/** The answer to an eviction that was granted. */
export function evicted(): Status & { readonly code: number } {
  return { ...success, code: 201 };
}
