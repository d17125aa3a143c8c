/**
 * Turns each run of line breaks into one blank and drops those at the ends.
 *
 * Existing users' templates put the description into a JSON string as it is, where a line break would spoil the document.
 */
export function oneLine(text: string): string {
  return text.replace(/^[\r\n\u2028\u2029]+|[\r\n\u2028\u2029]+$/g, '').replace(/[\r\n\u2028\u2029]+/g, ' ');
}
