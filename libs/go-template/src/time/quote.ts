import type { GoString } from '../text/bytes.ts';

/** Quotes text in the errors of Go's `time` package, which has its own way: every byte that is not plain ASCII is escaped. */
export function quoteTimeText(bytes: GoString): GoString {
  const escaped = bytes.replace(/["\\\0-\x1f\x80-\xff]/g, (byte) =>
    byte === '"' || byte === '\\' ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
