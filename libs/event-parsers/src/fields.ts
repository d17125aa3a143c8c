import * as v from 'valibot';

import { instanceId, isInstanceId } from './event.ts';
import { poison } from './outcome.ts';
import type { ParseOutcome } from './outcome.ts';
import { parseTime } from './time.ts';

/** A text that must not be empty. */
export const requiredText = v.pipe(v.string(), v.nonEmpty('is empty'));

/** The id of an EC2 instance. */
export const instanceIdField = v.pipe(
  v.string(),
  v.check(isInstanceId, 'is not an EC2 instance id'),
  v.transform(instanceId),
);

/** A time in one of the formats of {@link parseTime}. */
export const timeField = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const time = parseTime(dataset.value);
    if (time !== undefined) return time;
    addIssue({ message: 'is not a time' });
    return NEVER;
  }),
);

/**
 * Reads the fields of a value and goes on with them, or tells which field is at fault.
 *
 * @param where - What the value is called in a reason, such as `detail`.
 */
export function withFields<T>(
  schema: v.GenericSchema<unknown, T>,
  input: unknown,
  where: string,
  use: (fields: T) => ParseOutcome,
): ParseOutcome {
  const result = v.safeParse(schema, input, { abortEarly: true });
  return result.success ? use(result.output) : poison(describeIssue(result.issues[0], where));
}

/**
 * Reads a text as JSON and goes on with the value.
 *
 * @param where - What the text is called in a reason, such as `body`.
 */
export function withJson(text: string, where: string, use: (value: unknown) => ParseOutcome): ParseOutcome {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text.
    return poison(text.trim() === '' ? `${where}: is empty` : `${where}: is not JSON`);
  }
  return use(value);
}

/** Says in one line which field is at fault and how, without the field's value. */
export function describeIssue(issue: v.BaseIssue<unknown>, where: string): string {
  const keys = issue.path?.map((item) => String(item.key)) ?? [];
  const field = [where, ...keys].filter((key) => key !== '').join('.');
  if (issue.kind === 'validation' || issue.kind === 'transformation') return `${field}: ${issue.message}`;
  if (issue.input === undefined) return `${field}: is missing`;
  return `${field}: is ${nameType(issue.input)}, not ${nameExpected(issue)}`;
}

function nameExpected(issue: v.BaseIssue<unknown>): string {
  switch (issue.type) {
    case 'string':
      return 'a string';
    case 'array':
      return 'an array';
    default:
      return 'an object';
  }
}

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
