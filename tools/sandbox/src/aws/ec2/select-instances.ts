import { AwsServiceError } from '../call.ts';
import type { QueryForm } from '../query-protocol.ts';
import type { Ec2Instance, Ec2Store } from './instances.ts';

/** What the filters of a describe call look at, by their names. */
export type FilterAttributes = Readonly<Record<string, (instance: Ec2Instance) => readonly string[]>>;

/** One filter of a describe call: any of the values, all of the filters. */
interface InstanceFilter {
  readonly name: string;
  readonly patterns: readonly RegExp[];
}

/** Reads `Filter.N.Name` and `Filter.N.Value.M`. */
function parseFilters(form: QueryForm): InstanceFilter[] {
  const filters: InstanceFilter[] = [];
  for (let index = 1; ; index += 1) {
    const name = form.get(`Filter.${index}.Name`);
    if (name === undefined) return filters;
    filters.push({ name, patterns: form.list(`Filter.${index}.Value`).map(toPattern) });
  }
}

/** A filter value with `*` (any text), `?` (any character) and `\` (the next one as it is). */
function toPattern(value: string): RegExp {
  const source = value.replaceAll(/\\.|[^]/gu, (token) => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    const character = token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return new RegExp(`^${source}$`, 'su');
}

/**
 * Whether an instance passes a filter.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 * @throws AwsServiceError InvalidParameterValue for a filter that the sandbox (or EC2) doesn't know.
 */
function matchesFilter(instance: Ec2Instance, filter: InstanceFilter, attributes: FilterAttributes): boolean {
  const read = Object.hasOwn(attributes, filter.name) ? attributes[filter.name] : undefined;
  const knowsTags = Object.hasOwn(attributes, 'tag-key');
  const tagKey = knowsTags && filter.name.startsWith('tag:') ? filter.name.slice(4) : undefined;
  if (read === undefined && tagKey === undefined) {
    throw new AwsServiceError('InvalidParameterValue', `The filter '${filter.name}' is invalid`);
  }
  const tag = tagKey !== undefined && Object.hasOwn(instance.tags, tagKey) ? instance.tags[tagKey] : undefined;
  const actual = read?.(instance) ?? (tag === undefined ? [] : [tag]);
  return actual.some((value) => filter.patterns.some((pattern) => pattern.test(value)));
}

/** One page of a describe call. */
interface InstancePage {
  readonly instances: readonly Ec2Instance[];
  readonly nextToken: string | undefined;
}

function assertWellFormed(ids: readonly string[]): void {
  // Ids as EC2 makes them.
  const malformed = ids.filter((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
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

function byIds({ described }: Ec2Store, ids: readonly string[]): Ec2Instance[] {
  const distinct = [...new Set(ids)];
  const missing = distinct.filter((id) => described.get(id) === undefined);
  // One unknown id fails the whole call: nothing is told about the others.
  if (missing.length > 0) {
    const [what, verb] = missing.length === 1 ? ['ID', 'does'] : ['IDs', 'do'];
    const message = `The instance ${what} '${missing.join(', ')}' ${verb} not exist`;
    throw new AwsServiceError('InvalidInstanceID.NotFound', message);
  }
  return distinct.flatMap((id) => described.get(id) ?? []);
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
 * The instances that a describe call means: by id or all, filtered, one page of them.
 *
 * @throws AwsServiceError for ids, filters and pages that EC2 refuses
 */
export function selectInstances(store: Ec2Store, form: QueryForm, attributes: FilterAttributes): InstancePage {
  if (form.get('DryRun') === 'true') {
    throw new AwsServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
  const ids = form.list('InstanceId');
  assertWellFormed(ids);
  const maxResults = parseMaxResults(form, ids);
  const offset = parseOffset(form.get('NextToken'));
  const filters = parseFilters(form);
  const chosen = (ids.length > 0 ? byIds(store, ids) : store.described.list()).filter((instance) =>
    filters.every((filter) => matchesFilter(instance, filter, attributes)),
  );
  const end = maxResults === undefined ? chosen.length : offset + maxResults;
  return {
    instances: chosen.slice(offset, end),
    nextToken: end < chosen.length ? Buffer.from(`page-${end}`, 'latin1').toString('base64url') : undefined,
  };
}
