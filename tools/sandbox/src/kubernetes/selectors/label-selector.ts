import { isRecord, readList, readString, readStrings } from '../../json-value.ts';
import { badRequest } from '../status.ts';
import { labelValueFaults, qualifiedNameFaults } from '../validation/metadata.ts';

/** Labels as objects carry them. */
type Labels = Readonly<Record<string, string>>;

/** One condition on labels; all of a selector's have to hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** Do the labels meet every requirement? */
export function labelsMatch(requirements: readonly Requirement[], labels: Labels = {}): boolean {
  return requirements.every((requirement) => meets(requirement, labels));
}

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const difference = Number(value) - Number(values[0]);
      return operator === 'Gt' ? difference > 0 : difference < 0;
    }
  }
}

/**
 * Reads a `labelSelector` of a query; see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors.
 * @throws {ApiError} 400 when it can't be read.
 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  if (text.trim() === '') return [];
  // At commas that don't stand in parentheses.
  return text.split(/,(?![^()]*\))/).map(parseRequirement);
}

const setBased = /^(?<key>[^\s!=<>(),]+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$/;
const compared = /^(?<key>[^\s!=<>(),]+)\s*(?<operator>==|!=|=|>|<)\s*(?<value>[^\s!=<>(),]*)$/;
const existence = /^(?<not>!?)\s*(?<key>[^\s!=<>(),]+)$/;

const comparisons: Readonly<Record<string, Requirement['operator']>> = { '!=': 'NotIn', '>': 'Gt', '<': 'Lt' };

function parseRequirement(part: string): Requirement {
  const text = part.trim();
  const set = setBased.exec(text)?.groups;
  if (set !== undefined) {
    const values = (set.values ?? '').split(',').map((value) => value.trim());
    return checked({ key: set.key ?? '', operator: set.operator === 'in' ? 'In' : 'NotIn', values });
  }
  const comparison = compared.exec(text)?.groups;
  if (comparison !== undefined) {
    const operator = comparisons[comparison.operator ?? ''] ?? 'In';
    return checked({ key: comparison.key ?? '', operator, values: [comparison.value ?? ''] });
  }
  const exists = existence.exec(text)?.groups;
  if (exists === undefined) throw badRequest(`unable to parse requirement: found '${text}', expected: identifier`);
  return checked({ key: exists.key ?? '', operator: exists.not === '!' ? 'DoesNotExist' : 'Exists', values: [] });
}

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const faults = [
    ...qualifiedNameFaults(key).map((fault) => `key: Invalid value: ${JSON.stringify(key)}: ${fault}`),
    ...values.flatMap((value, index) =>
      labelValueFaults(value).map(
        (fault) => `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`,
      ),
    ),
  ];
  if ((operator === 'Gt' || operator === 'Lt') && !/^[+-]?\d+$/.test(values[0] ?? '')) {
    faults.push(
      `values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  if (faults.length > 0) throw badRequest(`unable to parse requirement: ${faults.join(', ')}`);
  return requirement;
}

/** The requirements of a LabelSelector in an object, or undefined when it is missing or can't be read; an empty one is an empty list. */
export function selectorRequirements(selector: unknown): readonly Requirement[] | undefined {
  if (!isRecord(selector)) return undefined;
  const requirements: Requirement[] = Object.entries(readStrings(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  for (const expression of readList(selector, 'matchExpressions')) {
    const operator = readString(expression, 'operator');
    if (operator !== 'In' && operator !== 'NotIn' && operator !== 'Exists' && operator !== 'DoesNotExist')
      return undefined;
    const values = readList(expression, 'values').filter((value) => typeof value === 'string');
    requirements.push({ key: readString(expression, 'key') ?? '', operator, values });
  }
  return requirements;
}
