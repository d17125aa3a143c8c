import { AwsServiceError } from '../aws-error.ts';
import type { QueryForm } from '../query/form.ts';
import { matchesFilter, parseFilters } from './filters.ts';
import { isWellFormedInstanceId } from './instance.ts';
import type { Ec2Instance } from './instance.ts';
import type { Ec2Store } from './store.ts';

/** One page of DescribeInstances. */
export interface InstancePage {
  readonly instances: readonly Ec2Instance[];
  readonly nextToken: string | undefined;
}

function assertWellFormed(ids: readonly string[]): void {
  const malformed = ids.filter((id) => !isWellFormedInstanceId(id));
  const [first] = malformed;
  if (first === undefined) return;
  const hint = first.startsWith('i-') ? '' : ' (expecting "i-...")';
  throw new AwsServiceError(
    'InvalidInstanceID.Malformed',
    malformed.length === 1
      ? `Invalid id: "${first}"${hint}`
      : `The instance IDs '${malformed.join(', ')}' are malformed`,
  );
}

function byIds(store: Ec2Store, ids: readonly string[]): Ec2Instance[] {
  const found = [...new Set(ids)].map((id) => ({ id, instance: store.get(id) }));
  const missing = found.filter(({ instance }) => instance === undefined).map(({ id }) => id);
  // One unknown id fails the whole call: nothing is told about the others.
  if (missing.length > 0) {
    const message =
      missing.length === 1
        ? `The instance ID '${missing.join()}' does not exist`
        : `The instance IDs '${missing.join(', ')}' do not exist`;
    throw new AwsServiceError('InvalidInstanceID.NotFound', message);
  }
  return found.flatMap(({ instance }) => instance ?? []);
}

function parseMaxResults(form: QueryForm, ids: readonly string[]): number | undefined {
  const text = form.get('MaxResults');
  if (text === undefined) return undefined;
  if (ids.length > 0) {
    throw new AwsServiceError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  const maxResults = Number(text);
  if (!Number.isInteger(maxResults) || maxResults < 5 || maxResults > 1000) {
    throw new AwsServiceError(
      'InvalidParameterValue',
      `Value ( ${text} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  }
  return maxResults;
}

function parseOffset(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = /^page-(\d+)$/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
  if (offset === undefined) {
    throw new AwsServiceError('InvalidParameterValue', 'Unable to parse pagination token');
  }
  return Number(offset);
}

/**
 * DescribeInstances, as EC2 decides it.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 * @throws AwsServiceError for ids, filters and pages that EC2 refuses
 */
export function describeInstances(store: Ec2Store, form: QueryForm): InstancePage {
  if (form.get('DryRun') === 'true') {
    throw new AwsServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
  const ids = form.list('InstanceId');
  assertWellFormed(ids);
  const maxResults = parseMaxResults(form, ids);
  const offset = parseOffset(form.get('NextToken'));
  const filters = parseFilters(form);
  const chosen = (ids.length > 0 ? byIds(store, ids) : store.list()).filter((instance) =>
    filters.every((filter) => matchesFilter(instance, filter)),
  );
  const end = maxResults === undefined ? chosen.length : offset + maxResults;
  return {
    instances: chosen.slice(offset, end),
    nextToken: end < chosen.length ? Buffer.from(`page-${end}`, 'latin1').toString('base64url') : undefined,
  };
}
