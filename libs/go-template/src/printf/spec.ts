import { checkTextLength } from '../limits.ts';
import { runeCount } from '../text/bytes.ts';
import type { GoString } from '../text/bytes.ts';

/** The flags, width and precision of one verb. */
export interface Spec {
  width?: number | undefined;
  precision?: number | undefined;
  minus?: boolean;
  plus?: boolean;
  sharp?: boolean;
  space?: boolean;
  zero?: boolean;
  /** `%+v`: structs with the names of their fields. */
  plusV?: boolean;
  /** `%#v`: Go syntax. */
  sharpV?: boolean;
}

/** Pads on the left, or with `-` on the right, to the width in characters. */
export function pad(text: GoString, spec: Spec): GoString {
  if (spec.width === undefined) return text;
  const missing = padding(spec.width - runeCount(text), spec);
  return spec.minus === true ? text + missing : missing + text;
}

/** So many blanks, or zeros where they go on the left. */
export function padding(length: number, { zero, minus }: Spec): GoString {
  checkTextLength(length);
  return (zero === true && minus !== true ? '0' : ' ').repeat(Math.max(0, length));
}
