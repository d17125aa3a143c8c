import { readAt, readList, readNumber, readString } from '../object/read.ts';
import type { DeleteOptions } from '../registry/delete.ts';
import { badRequest, invalid } from '../status.ts';
import { unsupportedValue } from '../validation/field-errors.ts';
import { isDryRun } from './body.ts';

const policies = ['Foreground', 'Background', 'Orphan'];

/**
 * Reads DeleteOptions out of a body, or out of a query when there is no body.
 * @throws {ApiError} 400 or 422 when they can't be read.
 */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const fromQuery = {
    gracePeriodSeconds: query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined,
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    dryRun: query.getAll('dryRun'),
  };
  const options: unknown = body ?? fromQuery;
  const grace = readAt(options, 'gracePeriodSeconds') ?? undefined;
  if (grace !== undefined && (typeof grace !== 'number' || !Number.isInteger(grace))) {
    throw badRequest('DeleteOptions can not be read: gracePeriodSeconds is not an integer');
  }
  const policy = readString(options, 'propagationPolicy');
  if (policy !== undefined && !policies.includes(policy)) {
    const kind = { group: 'meta.k8s.io', resource: 'DeleteOptions' };
    throw invalid(kind, '', [unsupportedValue('propagationPolicy', policy, [...policies, 'nil'])]);
  }
  const dryRun = readList(options, 'dryRun').filter((value) => typeof value === 'string');
  return {
    gracePeriodSeconds: readNumber(options, 'gracePeriodSeconds'),
    uid: readString(options, 'preconditions', 'uid'),
    resourceVersion: readString(options, 'preconditions', 'resourceVersion'),
    dryRun: isDryRun(dryRun, 'DeleteOptions'),
  };
}
