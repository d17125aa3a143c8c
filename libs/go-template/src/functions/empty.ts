import { isTrue } from '../values/value.ts';
import type { Value } from '../values/value.ts';

/** Whether sprig takes a value for one that was not given: the zero of its type, or nothing in it. Structs never are. */
export function isEmpty(value: Value): boolean {
  return !isTrue(value);
}
