import { anInt, aString, fn2, fn3 } from '../funcs/func.ts';
import { checkTextLength } from '../limits.ts';
import { string } from '../reflect/value.ts';
import type { GoFunction } from '../reflect/value.ts';
import type { GoString } from '../unicode/utf8.ts';

/** sprig's functions that break text into lines. */
export const WRAP_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  wrap: fn2(anInt, aString, (width, text) => string(wrap(text, width, '', false))),
  wrapWith: fn3(anInt, aString, aString, (width, separator, text) => string(wrap(text, width, separator, true))),
};

/** Breaks at blanks so that no line is longer than the width; words that are get broken too, if that is asked for. */
function wrap(text: GoString, asked: number, separator: GoString, breaksWords: boolean): GoString {
  const width = Math.max(1, asked);
  const lineBreak = separator === '' ? '\n' : separator;
  const pieces: GoString[] = [];
  let offset = 0;
  while (text.length - offset > width) {
    if (text[offset] === ' ') {
      offset += 1;
      continue;
    }
    const blankWithin = text.lastIndexOf(' ', offset + width);
    if (blankWithin >= offset) {
      pieces.push(text.slice(offset, blankWithin));
      offset = blankWithin + 1;
    } else if (breaksWords) {
      pieces.push(text.slice(offset, offset + width));
      offset += width;
    } else {
      const blankAfter = text.indexOf(' ', offset + width);
      if (blankAfter === -1) break;
      pieces.push(text.slice(offset, blankAfter));
      offset = blankAfter + 1;
    }
    checkTextLength(text.length + pieces.length * lineBreak.length);
  }
  return [...pieces, text.slice(offset)].join(lineBreak);
}
