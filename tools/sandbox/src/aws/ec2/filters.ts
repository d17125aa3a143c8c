import { AwsServiceError } from '../aws-error.ts';
import type { QueryForm } from '../query/form.ts';
import type { Ec2Instance } from './instance.ts';
import { instanceStateCodes } from './instance.ts';

/** One filter of a describe call: any of the values, all of the filters. */
export interface InstanceFilter {
  readonly name: string;
  readonly values: readonly string[];
}

const attributes: Readonly<Record<string, (instance: Ec2Instance) => readonly string[]>> = {
  'instance-id': (instance) => [instance.instanceId],
  'instance-state-name': (instance) => [instance.state],
  'instance-state-code': (instance) => [String(instanceStateCodes[instance.state])],
  'instance-type': (instance) => [instance.instanceType],
  'instance-lifecycle': (instance) => (instance.lifecycle === undefined ? [] : [instance.lifecycle]),
  'availability-zone': (instance) => [instance.availabilityZone],
  'private-dns-name': (instance) => [instance.privateDnsName],
  'private-ip-address': (instance) => [instance.privateIpAddress],
  'reservation-id': (instance) => [instance.reservationId],
  'tag-key': (instance) => Object.keys(instance.tags),
};

/** Reads `Filter.N.Name` and `Filter.N.Value.M`. */
export function parseFilters(form: QueryForm): InstanceFilter[] {
  const filters: InstanceFilter[] = [];
  for (let index = 1; ; index += 1) {
    const name = form.get(`Filter.${index}.Name`);
    if (name === undefined) return filters;
    filters.push({ name, values: form.list(`Filter.${index}.Value`) });
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
export function matchesFilter(instance: Ec2Instance, filter: InstanceFilter): boolean {
  const read = Object.hasOwn(attributes, filter.name) ? attributes[filter.name] : undefined;
  const tagKey = filter.name.startsWith('tag:') ? filter.name.slice(4) : undefined;
  if (read === undefined && tagKey === undefined) {
    throw new AwsServiceError('InvalidParameterValue', `The filter '${filter.name}' is invalid`);
  }
  const tag = tagKey !== undefined && Object.hasOwn(instance.tags, tagKey) ? instance.tags[tagKey] : undefined;
  const actual = read?.(instance) ?? (tag === undefined ? [] : [tag]);
  const patterns = filter.values.map(toPattern);
  return actual.some((value) => patterns.some((pattern) => pattern.test(value)));
}
