import { bytesOf, describeValue } from '../printf/print-value.ts';
import type { GoString } from '../text/bytes.ts';
import { BYTES } from '../values/types.ts';
import type { Value } from '../values/value.ts';

/** sprig's `toString`: texts and bytes as they are, all else as `print` shows it. */
export function stringValue(value: Value): GoString {
  if (value.tag === 'string') return value.bytes;
  return value.tag === 'list' && value.type === BYTES ? bytesOf(value) : describeValue(value);
}

/** sprig's `toStrings`: the items of a list each as text, those that are nil left out; anything else as a list of one. */
export function stringValues(value: Value): GoString[] {
  if (value.tag === 'list') return value.items.filter((item) => item.tag !== 'nil').map(stringValue);
  return value.tag === 'nil' ? [] : [stringValue(value)];
}
