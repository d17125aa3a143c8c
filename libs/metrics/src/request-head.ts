/**
 * How much of a request is read, in bytes: scrapers and kubelets send a tenth of it, and whoever sends more is none.
 */
export const LONGEST_HEAD = 4096;

/** A request, as far as an answer needs it. */
export interface Request {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly accept: string | undefined;
}

/** What the first bytes of a connection are. */
export type RequestHead =
  /** Not whole yet. */
  | { readonly state: 'unfinished' }
  | { readonly state: 'refused'; readonly status: 400 | 431; readonly reason: string }
  | { readonly state: 'whole'; readonly request: Request };

/**
 * Reads a request line and its header strictly: `\r\n` at the end of each line, one space between the words, a path that
 * begins with a slash, no folded header lines. Pure; what comes after the header is not looked at.
 *
 * @param text - What came so far, each byte as one character.
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export function readRequestHead(text: string): RequestHead {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1 || end + 4 > LONGEST_HEAD) {
    if (text.length < LONGEST_HEAD) return { state: 'unfinished' };
    return { state: 'refused', status: 431, reason: `a request may have ${LONGEST_HEAD} bytes` };
  }
  const [requestLine = '', ...headerLines] = text.slice(0, end).split('\r\n');
  const [, method, path] = /^([A-Z]{1,20}) (\/[!-~]*) HTTP\/1\.[01]$/.exec(requestLine) ?? [];
  if (method === undefined || path === undefined) return malformed('the request line');
  const accepts: string[] = [];
  for (const line of headerLines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\u0080-\u00ff]*)$/.exec(line) ?? [];
    if (name === undefined) return malformed('a line of the header');
    if (name.toLowerCase() === 'accept') accepts.push(value.trimEnd());
  }
  return {
    state: 'whole',
    request: {
      method,
      path: path.split('?', 1)[0] ?? path,
      accept: accepts.length === 0 ? undefined : accepts.join(', '),
    },
  };
}

function malformed(what: string): RequestHead {
  return { state: 'refused', status: 400, reason: `${what} is malformed` };
}
