import type { Clock } from '@node-termination-handler/clock';
import { randomBytes } from 'node:crypto';
import type { Answer } from '../../http/answer.ts';
import { isRecord, readRecord, readString } from '../../json-value.ts';
import { json } from '../server/answer.ts';
import type { RequestInfo, ResourceRequest } from '../server/request.ts';
import { badRequest, forbidden } from '../status.ts';
import type { ApiError } from '../status.ts';

/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** For whom a token is issued, and for how long. */
export interface TokenRequest {
  /** The user's name; of a service account `system:serviceaccount:<namespace>:<name>`. */
  readonly user: string;
  /** Groups besides `system:authenticated`. */
  readonly groups?: readonly string[];
  /** How long the token is good, in milliseconds; for ever by default. */
  readonly expiresInMs?: number;
}

/** What the server takes a request without credentials for. */
const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

interface Issued {
  readonly user: User;
  readonly expiresAtMs: number;
}

/** The bearer tokens that the server knows. */
export class Tokens {
  readonly #clock: Clock;
  readonly #issued = new Map<string, Issued>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a new token. */
  issue({ user, groups = [], expiresInMs = Infinity }: TokenRequest): string {
    const token = randomBytes(32).toString('base64url');
    const expiresAtMs = this.#clock.now() + expiresInMs;
    this.#issued.set(token, { user: { name: user, groups: [...groups, ...impliedGroups(user)] }, expiresAtMs });
    return token;
  }

  /** Makes a token worthless from now on. */
  revoke(token: string): void {
    this.#issued.delete(token);
  }

  /** Who sends this `Authorization` header: undefined for a token that is unknown or expired. */
  authenticate(header: string | undefined): User | undefined {
    if (header === undefined) return anonymous;
    const match = /^Bearer\s+(\S+)\s*$/i.exec(header);
    const issued = this.#issued.get(match?.[1] ?? '');
    return issued !== undefined && this.#clock.now() < issued.expiresAtMs ? issued.user : undefined;
  }
}

function impliedGroups(user: string): readonly string[] {
  const account = /^system:serviceaccount:(?<namespace>[^:]+):[^:]+$/.exec(user)?.groups;
  const ofAccount =
    account === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account.namespace ?? ''}`];
  return [...ofAccount, 'system:authenticated'];
}

/** One rule of a Role or ClusterRole; see https://kubernetes.io/docs/reference/access-authn-authz/rbac/. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  /** The namespace of the Role that the rule stands in; everywhere by default, as in a ClusterRole. */
  readonly namespace?: string;
}

/** What of a request for a resource decides whether it is allowed. */
type ResourceAttributes = Pick<ResourceRequest, 'verb' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

/** What each user may do; users without rules may do everything. */
export class AccessRules {
  readonly #rules = new Map<string, readonly PolicyRule[]>();

  /** Replaces the rules of a user; undefined lets the user do everything again. */
  set(user: string, rules: readonly PolicyRule[] | undefined): void {
    if (rules === undefined) this.#rules.delete(user);
    else this.#rules.set(user, rules);
  }

  /** Why the user may not make a request for a resource; undefined when it is allowed. */
  refusal(user: User, asked: ResourceAttributes): ApiError | undefined {
    if (this.#allows(user, (rule) => coversResource(rule, asked))) return undefined;
    const { verb, group, resource, subresource, namespace, name } = asked;
    const what = subresource === '' ? resource : `${resource}/${subresource}`;
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const why = `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
    return forbidden({ group, resource }, name, why);
  }

  /** Why the user may not read a path that is not a resource; undefined when it is allowed. */
  pathRefusal(user: User, verb: string, path: string): ApiError | undefined {
    if (publicPaths.some((known) => path === known || path.startsWith(`${known}/`))) return undefined;
    if (this.#allows(user, (rule) => coversPath(rule, verb, path))) return undefined;
    return forbidden({ group: '', resource: '' }, '', `User "${user.name}" cannot ${verb} path "${path}"`);
  }

  #allows(user: User, covers: (rule: PolicyRule) => boolean): boolean {
    if (user.groups.includes('system:masters')) return true;
    const rules = this.#rules.get(user.name);
    if (rules === undefined) return user !== anonymous;
    return rules.some(covers);
  }
}

function matches(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((one) => one === '*' || one === value) ?? false;
}

function coversResource(
  rule: PolicyRule,
  { verb, group, resource, subresource, namespace, name }: ResourceAttributes,
): boolean {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const isAnySubresource = subresource !== '' && (rule.resources?.includes(`*/${subresource}`) ?? false);
  return (
    matches(rule.verbs, verb) &&
    matches(rule.apiGroups, group) &&
    (matches(rule.resources, what) || isAnySubresource) &&
    (rule.namespace === undefined || rule.namespace === namespace) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function coversPath(rule: PolicyRule, verb: string, path: string): boolean {
  const covered = rule.nonResourceURLs?.some(
    (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
  );
  return matches(rule.verbs, verb) && covered === true;
}

/** Whether somebody asks what he himself may do; `system:basic-user` lets everybody who has logged in ask. */
export function isAccessReview(info: RequestInfo, user: User): boolean {
  const isReview = info.kind === 'resource' && info.group === 'authorization.k8s.io';
  return isReview && info.resource === 'selfsubjectaccessreviews' && info.verb === 'create' && user !== anonymous;
}

/**
 * Answers what the user may do, by the rules that requests are judged by.
 *
 * @throws ApiError 400 when the body names no resource.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
 */
export function reviewAccess(rules: AccessRules, user: User, body: string): Answer {
  const spec = readRecord(JSON.parse(body), 'spec');
  const asked = spec.resourceAttributes;
  if (!isRecord(asked)) throw badRequest('spec.resourceAttributes is needed: the sandbox reviews resources only');
  const text = (name: string): string => readString(asked, name) ?? '';
  const attributes = {
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace') || undefined,
    name: text('name'),
  };
  const status = { allowed: rules.refusal(user, attributes) === undefined };
  const kind = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1' };
  return json(201, { ...kind, metadata: {}, spec, status });
}
