import type { GoString } from '../text/bytes.ts';

/** The parts of a URL, which differ in the characters they may hold. */
export type UrlPart = 'host' | 'zone' | 'path' | 'userinfo' | 'fragment';

const UNRESERVED = 'A-Za-z0-9\\-_.~';
const ESCAPED: Readonly<Record<UrlPart, RegExp>> = {
  host: new RegExp(`[^${UNRESERVED}!$&'()*+,;=:\\[\\]<>"]`, 'g'),
  zone: new RegExp(`[^${UNRESERVED}!$&'()*+,;=:\\[\\]<>"]`, 'g'),
  path: new RegExp(`[^${UNRESERVED}$&+,/:;=@]`, 'g'),
  userinfo: new RegExp(`[^${UNRESERVED}$&+,;=]`, 'g'),
  fragment: new RegExp(`[^${UNRESERVED}$&+,/:;=?@!()*]`, 'g'),
};

/** Writes as escapes what a part of a URL may not hold. */
export function escapePart(bytes: GoString, part: UrlPart): GoString {
  return bytes.replace(ESCAPED[part], (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** What is wrong with a part of a URL, in Go's words. */
export interface EscapeProblem {
  readonly problem: GoString;
}

/** Reads the escapes of a part of a URL. */
export function unescapePart(encoded: GoString, part: UrlPart): GoString | EscapeProblem {
  const invalid = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(encoded)?.[0];
  if (invalid !== undefined) return { problem: `invalid URL escape "${invalid}"` };
  if (part === 'host' || part === 'zone') {
    // Hosts are not made of escapes, but for characters beyond ASCII.
    const ascii = part === 'host' ? /%(?!25)[0-7]./.exec(encoded)?.[0] : undefined;
    if (ascii !== undefined) return { problem: `invalid URL escape "${ascii}"` };
    const refused = Array.from(encoded.replaceAll('%', '')).find(
      (byte) => byte < '\x80' && escapePart(byte, part) !== byte,
    );
    if (refused !== undefined) return { problem: `invalid character ${JSON.stringify(refused)} in host name` };
  }
  return encoded.replace(/%(..)/g, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
