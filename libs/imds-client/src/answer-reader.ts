/** A complete answer, whatever its status. */
export interface Answer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether the connection can carry another request. */
  readonly keepsAlive: boolean;
}

/** An answer that cannot be used; the message reads as what the answer does. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

/** Puts the bytes of a connection together to one answer. */
export interface AnswerReader {
  /**
   * Takes what has come.
   *
   * @returns The answer once it is complete.
   * @throws {@link BadAnswer}
   */
  readonly read: (bytes: Buffer) => Answer | undefined;
  /**
   * Tells that no more comes.
   *
   * @returns The answer, where it is the end of the connection that completes it.
   * @throws {@link BadAnswer}
   */
  readonly end: () => Answer;
}

/** The longest body that is read; metadata documents are a few hundred bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

const MAX_HEAD_BYTES = 16 * 1024;
/** Chunks carry sizes and line ends beside the body. */
const MAX_CHUNKED_BYTES = 2 * MAX_BODY_BYTES;
const HEAD_END = '\r\n\r\n';

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly keepsAlive: boolean;
  /** How the end of the body is known. */
  readonly framing: { readonly kind: 'length'; readonly length: number } | { readonly kind: 'chunked' | 'close' };
}

/**
 * Makes a reader for the answer to one request.
 *
 * The part of HTTP/1.1 that a metadata service speaks: an agent polls all day, and in a process that is idle otherwise each poll through
 * `node:http` costs twice the CPU.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export function createAnswerReader(): AnswerReader {
  let received: Buffer = Buffer.alloc(0);
  let head: Head | undefined;

  function read(bytes: Buffer): Answer | undefined {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    head ??= takeHead();
    return head === undefined ? undefined : takeBody(head);
  }

  function takeHead(): Head | undefined {
    for (;;) {
      const end = received.indexOf(HEAD_END, 0, 'latin1');
      if (end > MAX_HEAD_BYTES || (end < 0 && received.length > MAX_HEAD_BYTES)) {
        throw new BadAnswer(`has headers longer than ${MAX_HEAD_BYTES} bytes`);
      }
      if (end < 0) {
        if (!'HTTP/1.'.startsWith(received.toString('latin1', 0, 7))) throw new BadAnswer('is not HTTP');
        return undefined;
      }
      const parsed = parseHead(received.toString('latin1', 0, end));
      received = received.subarray(end + HEAD_END.length);
      // An interim answer is followed by the real one.
      if (parsed.status >= 200) return parsed;
    }
  }

  function takeBody({ status, headers, keepsAlive, framing }: Head): Answer | undefined {
    switch (framing.kind) {
      case 'length': {
        if (framing.length > MAX_BODY_BYTES) throw tooLong();
        if (received.length < framing.length) return undefined;
        const body = received.subarray(0, framing.length);
        return { status, headers, body, keepsAlive: keepsAlive && received.length === framing.length };
      }
      case 'chunked': {
        const chunks = parseChunks(received);
        if (received.length > MAX_CHUNKED_BYTES) throw tooLong();
        if (chunks === undefined) return undefined;
        return { status, headers, body: chunks.body, keepsAlive: keepsAlive && received.length === chunks.length };
      }
      case 'close':
        if (received.length > MAX_BODY_BYTES) throw tooLong();
        return undefined;
    }
  }

  function end(): Answer {
    if (head?.framing.kind !== 'close') throw new BadAnswer('ended too early');
    return { status: head.status, headers: head.headers, body: received, keepsAlive: false };
  }

  return { read, end };
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(statusLine) ?? [];
  if (code === undefined) throw new BadAnswer('is not HTTP');
  const status = Number(code);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r\n\0]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new BadAnswer('is not HTTP');
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value.trimEnd() : `${before}, ${value.trimEnd()}`);
  }
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  const keepsAlive = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  return { status, headers, keepsAlive, framing: frame(status, headers) };
}

function frame(status: number, headers: ReadonlyMap<string, string>): Head['framing'] {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', length: 0 };
  const encoding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (encoding !== undefined) {
    // Both together is how requests are smuggled.
    if (encoding.toLowerCase() !== 'chunked' || length !== undefined)
      throw new BadAnswer('is framed in an unknown way');
    return { kind: 'chunked' };
  }
  if (length === undefined) return { kind: 'close' };
  if (!/^\d{1,15}$/.test(length)) throw new BadAnswer('is framed in an unknown way');
  return { kind: 'length', length: Number(length) };
}

/** Reads a chunked body, once it is all there, with the number of bytes that it takes. */
function parseChunks(bytes: Buffer): { readonly body: Buffer; readonly length: number } | undefined {
  const chunks: Buffer[] = [];
  let total = 0;
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return undefined;
    const [, digits] = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/.exec(bytes.toString('latin1', at, lineEnd)) ?? [];
    if (digits === undefined) throw new BadAnswer('is framed in an unknown way');
    const size = Number.parseInt(digits, 16);
    at = lineEnd + 2;
    if (size === 0) return skipTrailers(bytes, at, Buffer.concat(chunks));
    total += size;
    if (total > MAX_BODY_BYTES) throw tooLong();
    if (bytes.length < at + size + 2) return undefined;
    if (bytes.toString('latin1', at + size, at + size + 2) !== '\r\n')
      throw new BadAnswer('is framed in an unknown way');
    chunks.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

function skipTrailers(
  bytes: Buffer,
  start: number,
  body: Buffer,
): { readonly body: Buffer; readonly length: number } | undefined {
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0) return undefined;
    if (lineEnd === at) return { body, length: at + 2 };
    at = lineEnd + 2;
  }
}

function tooLong(): BadAnswer {
  return new BadAnswer(`is longer than ${MAX_BODY_BYTES} bytes`);
}
