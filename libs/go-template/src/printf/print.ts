import type { GoString } from '../text/bytes.ts';
import type { Maybe } from '../values/value.ts';
import { printArgument } from './print-value.ts';

/** Go's `fmt.Sprint`: a blank between two operands when neither is a string. */
export function sprint(args: readonly Maybe[]): GoString {
  return args
    .map((value, index) => {
      const previous = args[index - 1];
      const needsBlank = index > 0 && value?.tag !== 'string' && previous?.tag !== 'string';
      return (needsBlank ? ' ' : '') + printArgument(value, 'v', {});
    })
    .join('');
}

/** Go's `fmt.Sprintln`: a blank between all operands, and a line break. */
export function sprintln(args: readonly Maybe[]): GoString {
  return `${args.map((value) => printArgument(value, 'v', {})).join(' ')}\n`;
}
