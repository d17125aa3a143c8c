import type { SharedSettings } from '@node-termination-handler/settings';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';

/** The settings that say which way calls to AWS go. */
export type ProxySettings = Partial<Pick<SharedSettings, 'httpsProxy' | 'httpProxy' | 'noProxy'>>;

/** Tells the proxy for a URL; `undefined` where it is called directly. */
export type ProxyFor = (url: URL) => URL | undefined;

/** Whether an entry of `NO_PROXY` names a target. */
type Exempts = (target: Target) => boolean;

interface Target {
  /** Without brackets and dots in front; an IPv4 address that is written as IPv6 is an IPv4 address. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: string;
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as Go does; what Go makes of them is written down in `test/golden.json`.
 *
 * `foo.com` exempts itself and its subdomains, `.foo.com` and `*.foo.com` the subdomains alone, each with a port if it has one; addresses
 * stand alone, with a port or as CIDR; `*` exempts everything. The machine itself is never called through a proxy.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export function readProxies({ httpsProxy, httpProxy, noProxy = '' }: ProxySettings): ProxyFor {
  const entries = noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const exemptions = entries.includes('*') ? [() => true] : entries.flatMap(exemption);
  const [secure, plain] = [httpsProxy, httpProxy].map((text) => (text === undefined ? undefined : new URL(text)));
  return (url) => {
    const proxy = url.protocol === 'https:' ? secure : plain;
    if (proxy === undefined) return undefined;
    const target = targetOf(url);
    return isThisMachine(target) || exemptions.some((exempts) => exempts(target)) ? undefined : proxy;
  };
}

function targetOf({ hostname, port, protocol }: URL): Target {
  const host = canonicalAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
  return { ...host, port: port === '' ? (protocol === 'https:' ? '443' : '80') : port };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isThisMachine({ host, isAddress }: Target): boolean {
  return isAddress ? loopback.check(host, family(host)) : host === 'localhost';
}

/** What one entry exempts; nothing where it names no host. */
function exemption(entry: string): readonly Exempts[] {
  const network = readNetwork(entry);
  if (network !== undefined) return [({ host, isAddress }) => isAddress && network(host)];
  const { host: name, port } = splitHostPort(entry) ?? { host: entry, port: '' };
  if (name === '') return [];
  const isPort = (target: Target): boolean => port === '' || port === target.port;
  const address = name.includes('%') ? undefined : canonicalAddress(name);
  if (address?.isAddress === true) {
    return [(target) => target.isAddress && target.host === address.host && isPort(target)];
  }
  const withoutStar = name.replace(/^\*(?=\.)/, '');
  const isSubdomainsOnly = withoutStar.startsWith('.');
  const suffix = asciiSuffix(isSubdomainsOnly ? withoutStar : `.${withoutStar}`);
  const isNamed = (host: string): boolean => host.endsWith(suffix) || (!isSubdomainsOnly && host === suffix.slice(1));
  return [(target) => !target.isAddress && isNamed(target.host) && isPort(target)];
}

/** Tells whether an address is in a network in CIDR notation; `undefined` where the entry is none. */
function readNetwork(entry: string): ((address: string) => boolean) | undefined {
  const [, text = '', digits = ''] = /^([^/%]+)\/(\d+)$/.exec(entry) ?? [];
  const kind = isIP(text);
  const bits = Number(digits);
  if (kind === 0 || bits > (kind === 4 ? 32 : 128)) return undefined;
  const { host } = canonicalAddress(text);
  // An IPv4 network may be written as IPv6, too, unless so little of it counts that nothing says so any more.
  const isMapped = kind === 6 && isIPv4(host) && bits >= 96;
  const [base, prefix] = isMapped ? [host, bits - 96] : [text, bits];
  const network = new BlockList();
  network.addSubnet(base, prefix, family(base));
  return (address) => family(address) === family(base) && network.check(address, family(address));
}

/** Splits `host:port` and `[host]:port`; `undefined` where there is no port, or more than one colon without brackets. */
function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text);
  return match === null ? undefined : { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
}

/** An address in the one spelling that is compared; anything else as it is. */
function canonicalAddress(text: string): Pick<Target, 'host' | 'isAddress'> {
  const kind = isIP(text);
  if (kind !== 6) return { host: text, isAddress: kind === 4 };
  const host = new URL(`http://[${text.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return { host, isAddress: true };
  const bytes = [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 0xff]);
  return { host: bytes.join('.'), isAddress: true };
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** A name with letters beyond ASCII as it is looked up; as it is, where that cannot be. */
function asciiSuffix(suffix: string): string {
  if (!/[^\u0000-\u007f]/.test(suffix)) return suffix;
  const ascii = domainToASCII(suffix.slice(1));
  return ascii === '' ? suffix : `.${ascii}`;
}
