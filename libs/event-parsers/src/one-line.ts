/** The most characters that a piece of a service's text takes up in a description or a reason. */
export const MAX_TEXT_LENGTH = 512;

/**
 * Makes foreign text fit for one line of a description, a log or a reason.
 *
 * Control characters, line and paragraph separators and text-direction marks become spaces, and a long text is cut with an ellipsis.
 */
export function oneLine(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  // Cut before cleaning, so that a body of 256 KiB costs no more than a short one.
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1).toWellFormed()}…` : text.toWellFormed();
  return cut.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, ' ').trim();
}
