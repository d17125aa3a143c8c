/**
 * Checks that a path is a plain absolute one: no query, no escapes, no empty, `.` or `..` segments, no control characters.
 *
 * @throws `TypeError` when it is not.
 */
export function checkPath(path: string): void {
  // The service's own names need no other characters, so nothing that came from outside can leave its segment.
  const plain = path.length <= 512 && /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~:@+=,-]+)+\/?$/.test(path);
  if (!plain) throw new TypeError(`not a plain absolute path: ${JSON.stringify(path.slice(0, 100))}`);
}
