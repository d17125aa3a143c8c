/** A server cannot listen on its port; the message names the setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly port: number;

  constructor(what: string, port: number, setting: string, cause: unknown) {
    super(`cannot serve ${what} on port ${port}: ${explain(cause)}; set ${setting} to another port`, { cause });
    this.port = port;
  }
}

function explain(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') return 'another process (or another container with host networking) listens there';
  if (code === 'EACCES') return 'this process may not listen there';
  return cause instanceof Error ? cause.message : String(cause);
}
