import { isRecord } from '../../json-value.ts';
import { json } from '../server/answer.ts';
import type { Answer } from '../../http/answer.ts';
import type { RequestInfo, ResourceRequest } from '../server/request.ts';
import { badRequest } from '../status.ts';
import { anonymous } from './access.ts';
import type { AccessRules, User } from './access.ts';

/** Whether somebody asks what he himself may do; `system:basic-user` lets everybody who has logged in ask. */
export function isAccessReview(info: RequestInfo, user: User): boolean {
  const { verb } = info;
  const isReview = info.kind === 'resource' && info.group === 'authorization.k8s.io';
  return isReview && info.resource === 'selfsubjectaccessreviews' && verb === 'create' && user !== anonymous;
}

/**
 * Answers what the user may do, by the rules that requests are judged by.
 *
 * @throws ApiError 400 when the body names no resource.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
 */
export function reviewAccess(rules: AccessRules, user: User, body: string): Answer {
  const review: unknown = JSON.parse(body);
  const spec = isRecord(review) && isRecord(review.spec) ? review.spec : {};
  const asked = spec.resourceAttributes;
  if (!isRecord(asked)) throw badRequest('spec.resourceAttributes is needed: the sandbox reviews resources only');
  const text = (name: string): string => (typeof asked[name] === 'string' ? asked[name] : '');
  const namespace = text('namespace');
  const request: ResourceRequest = {
    kind: 'resource',
    verb: text('verb'),
    method: '',
    path: '',
    query: new URLSearchParams(),
    group: text('group'),
    version: text('version'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: namespace === '' ? undefined : namespace,
    name: text('name'),
    definition: undefined,
  };
  const allowed = rules.refusal(user, request) === undefined;
  return json(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: { allowed },
  });
}
