import type { Clock } from '@node-termination-handler/clock';
import type { SecureContextOptions } from 'node:tls';

/** Whom a client trusts, and who it is. */
export interface TlsOptions extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase'> {
  /** The name that the server's certificate must have. Default: the host of the URL. */
  readonly servername?: string;
  /** Whether certificates are verified, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says. Default true. */
  readonly verify?: boolean;
}

/** What holds for all that one client sends. */
export interface HttpClientOptions {
  /** Default: the certificate authorities of Node.js and of `NODE_EXTRA_CA_CERTS`, no certificate of one's own. */
  readonly tls?: TlsOptions;
  /**
   * Says through which proxy a URL is reached, `undefined` for none: `http:` or `https:`, or `socks:`, `socks4:`, `socks4a:`, `socks5:`,
   * `socks5h:`, with `user:password@` where it asks for them. Default: never through one, whatever the environment says.
   */
  readonly proxy?: (url: URL) => URL | undefined;
  /** How long a connection is kept that carries nothing, in milliseconds. A server that announces less is heeded. Default 30 000. */
  readonly keptForMs?: number;
  /** How many connections are kept that carry nothing, for each host. Default 256. */
  readonly keptConnections?: number;
  /** Where time limits come from. Default: the machine's clock. */
  readonly clock?: Clock;
}
