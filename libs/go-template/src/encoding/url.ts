import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';

/** A URL the way Go's `net/url` takes it apart: less strict, and changing less, than a browser's. */
export interface GoUrl {
  readonly scheme: GoString;
  readonly opaque: GoString;
  /** Encoded; `undefined` when there is none. */
  readonly userinfo: GoString | undefined;
  /** With its port. */
  readonly host: GoString;
  readonly path: GoString;
  readonly query: GoString;
  readonly fragment: GoString;
}

class UrlFault extends Error {}

/**
 * Go's `url.Parse`.
 *
 * @see https://pkg.go.dev/net/url#Parse
 */
export function parseGoUrl(raw: GoString): GoUrl | EscapeProblem {
  const [beforeFragment, fragment] = cut(raw, '#');
  const url = withoutFault(beforeFragment, () => parseWithoutFragment(beforeFragment));
  if ('problem' in url) return url;
  return withoutFault(raw, () => ({ ...url, fragment: unescaped(fragment, 'fragment') }));
}

function withoutFault(parsed: GoString, parse: () => GoUrl): GoUrl | EscapeProblem {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UrlFault) return { problem: `parse ${quote(parsed)}: ${error.message}` };
    throw error;
  }
}

function parseWithoutFragment(raw: GoString): GoUrl {
  if (/[\0-\x1f\x7f]/.test(raw)) throw new UrlFault('net/url: invalid control character in URL');
  const url: GoUrl = { scheme: '', opaque: '', userinfo: undefined, host: '', path: '', query: '', fragment: '' };
  if (raw === '*') return { ...url, path: '*' };
  if (raw.startsWith(':')) throw new UrlFault('missing protocol scheme');
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(raw);
  const scheme = (match?.[1] ?? '').toLowerCase();
  const [rest, query] = cut(raw.slice(match?.[0].length ?? 0), '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, scheme, query, opaque: rest };
    if (cut(rest, '/')[0].includes(':')) throw new UrlFault('first path segment in URL cannot contain colon');
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  if (!hasAuthority) return { ...url, scheme, query, path: unescaped(rest, 'path') };
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash === -1 ? undefined : slash);
  const host = parseAuthority(authority, scheme);
  return { ...url, scheme, query, ...host, path: unescaped(slash === -1 ? '' : rest.slice(slash), 'path') };
}

function parseAuthority(authority: GoString, scheme: GoString): Pick<GoUrl, 'userinfo' | 'host'> {
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1), scheme);
  return { host, userinfo: at === -1 ? undefined : normalizedUserinfo(authority.slice(0, at)) };
}

function normalizedUserinfo(userinfo: GoString): GoString {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlFault('net/url: invalid userinfo');
  const [name, password] = cut(userinfo, ':');
  const normalized = escapePart(unescaped(name, 'userinfo'), 'userinfo');
  return userinfo.includes(':')
    ? `${normalized}:${escapePart(unescaped(password, 'userinfo'), 'userinfo')}`
    : normalized;
}

function parseHost(host: GoString, scheme: GoString): GoString {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new UrlFault('invalid IP-literal');
  if (bracket === 0) return parseBracketed(host);
  const isStrict = scheme === 'http' || scheme === 'https';
  const colon = isStrict ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon !== -1) checkPort(host.slice(colon));
  return unescaped(host, 'host');
}

function parseBracketed(host: GoString): GoString {
  const end = host.lastIndexOf(']');
  if (end === -1) throw new UrlFault("missing ']' in host");
  const port = host.slice(end + 1);
  checkPort(port);
  const [name, zone] = cut(host.slice(1, end), '%25');
  const address = unescaped(name, 'host') + (zone === '' ? '' : unescaped(`%25${zone}`, 'zone'));
  if (!isIPv6(address)) throw new UrlFault(`invalid host: ParseAddr(${quote(address)}): unable to parse IP`);
  return `[${address}]${port}`;
}

/** Whether a text is an IPv6 address; a zone may follow it. */
function isIPv6(text: GoString): boolean {
  const address = /^([0-9a-fA-F:.]+)(?:%.+)?$/s.exec(text)?.[1];
  return address !== undefined && URL.canParse(`http://[${address}]`);
}

function checkPort(port: GoString): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw new UrlFault(`invalid port ${quote(port)} after host`);
}

function unescaped(encoded: GoString, part: UrlPart): GoString {
  const decoded = unescapePart(encoded, part);
  if (typeof decoded !== 'string') throw new UrlFault(decoded.problem);
  return decoded;
}

/** The host without its port, and an IPv6 address without its brackets. */
export function hostname({ host }: GoUrl): GoString {
  const match = /^\[(.*)\](?::[0-9]*)?$/s.exec(host);
  return match?.[1] ?? host.replace(/:[0-9]*$/, '');
}

/** Go's `URL.String`. */
export function formatGoUrl({ scheme, opaque, userinfo, host, path, query, fragment }: GoUrl): GoString {
  let text = scheme === '' ? '' : `${scheme}:`;
  if (opaque !== '') text += opaque;
  else {
    const hasAuthority = host !== '' || userinfo !== undefined;
    if (hasAuthority || (scheme !== '' && path !== '')) text += '//';
    if (userinfo !== undefined) text += `${userinfo}@`;
    text += escapePart(host, 'host');
    const encoded = path === '*' ? path : escapePart(path, 'path');
    if (encoded !== '' && !encoded.startsWith('/') && host !== '') text += '/';
    if (text === '' && cut(encoded, '/')[0].includes(':')) text += './';
    text += encoded;
  }
  if (query !== '') text += `?${query}`;
  return fragment === '' ? text : `${text}#${escapePart(fragment, 'fragment')}`;
}

function cut(text: GoString, separator: string): readonly [before: GoString, after: GoString] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** The parts of a URL, which differ in the characters they may hold. */
type UrlPart = 'host' | 'zone' | 'path' | 'userinfo' | 'fragment';

const UNRESERVED = 'A-Za-z0-9\\-_.~';
const ESCAPED: Readonly<Record<UrlPart, RegExp>> = {
  host: new RegExp(`[^${UNRESERVED}!$&'()*+,;=:\\[\\]<>"]`, 'g'),
  zone: new RegExp(`[^${UNRESERVED}!$&'()*+,;=:\\[\\]<>"]`, 'g'),
  path: new RegExp(`[^${UNRESERVED}$&+,/:;=@]`, 'g'),
  userinfo: new RegExp(`[^${UNRESERVED}$&+,;=]`, 'g'),
  fragment: new RegExp(`[^${UNRESERVED}$&+,/:;=?@!()*]`, 'g'),
};

/** Writes as escapes what a part of a URL may not hold. */
function escapePart(bytes: GoString, part: UrlPart): GoString {
  return bytes.replace(ESCAPED[part], (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** What is wrong with a part of a URL, in Go's words. */
export interface EscapeProblem {
  readonly problem: GoString;
}

/** Reads the escapes of a part of a URL. */
function unescapePart(encoded: GoString, part: UrlPart): GoString | EscapeProblem {
  const invalid = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(encoded)?.[0];
  if (invalid !== undefined) return { problem: `invalid URL escape ${quote(invalid)}` };
  if (part === 'host' || part === 'zone') {
    // Hosts are not made of escapes, but for characters beyond ASCII.
    const ascii = part === 'host' ? /%(?!25)[0-7]./.exec(encoded)?.[0] : undefined;
    if (ascii !== undefined) return { problem: `invalid URL escape ${quote(ascii)}` };
    const refused = Array.from(encoded.replaceAll('%', '')).find(
      (byte) => byte < '\x80' && escapePart(byte, part) !== byte,
    );
    if (refused !== undefined) return { problem: `invalid character ${JSON.stringify(refused)} in host name` };
  }
  return encoded.replace(/%(..)/g, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
