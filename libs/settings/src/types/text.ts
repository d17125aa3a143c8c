import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

/** Text that is trimmed, and of one form. */
function matching(form: RegExp, allowed: string): SettingType<string> {
  return { schema: v.pipe(v.string(), v.trim(), v.regex(form)), allowed, format: (value) => value };
}

/** Text of one line, trimmed: a name, an id, a path. */
export function line(what = 'text without line breaks or other control characters'): SettingType<string> {
  // Control characters would reach log lines, URLs and file names.
  return matching(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, what);
}

/** The name of a Kubernetes object; see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
export function objectName(what: string): SettingType<string> {
  return matching(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/, `${what}, of lower-case letters, digits, dashes and dots`);
}

/** Text exactly as it was given, line breaks and all: a template. */
export function verbatim(): SettingType<string> {
  return { schema: v.string(), allowed: 'text', format: (value) => value };
}

/** A path on an HTTP server, such as `/healthz`. */
export function urlPath(): SettingType<string> {
  return matching(/^\/[\w\-.~/%]*$/, 'a path that begins with / and has no spaces, query or fragment');
}

/** A DNS name, an IPv4 address or an IPv6 address. */
export function host(): SettingType<string> {
  return matching(/^[\w\-.:%[\]]+$/, 'a host name or an IP address');
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** The URL without a user name or password. */
export function withoutCredentials(url: string): string {
  const parsed = parse(url);
  if (parsed === undefined || (parsed.username === '' && parsed.password === '')) return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** A URL with http or https, once it is completed. */
function httpUrl(allowed: string, completed = (text: string): string => text): SettingType<string> {
  const isUrl = (text: string): boolean => /^https?:$/.test(parse(text)?.protocol ?? '') && !/\s/.test(text);
  const schema = v.pipe(v.string(), v.trim(), v.transform(completed), v.check(isUrl));
  return { schema, allowed, format: withoutCredentials };
}

/** An absolute URL with http or https. It stays text, as it was given but for spaces around it. */
export function url(): SettingType<string> {
  return httpUrl('an absolute URL that begins with http:// or https://');
}

/**
 * The URL of a standard SQS queue.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html
 */
export function queueUrl(): SettingType<string> {
  const http = httpUrl(
    'the URL of a standard SQS queue, with http:// or https:// (a FIFO queue, .fifo, holds the messages of a group back while one of them is worked on)',
  );
  const isStandard = (text: string): boolean => parse(text)?.pathname.endsWith('.fifo') !== true;
  return { ...http, schema: v.pipe(v.string(), http.schema, v.check(isStandard)) };
}

/** The URL of an HTTP proxy; `tcp://` is what some users have and means the same as `http://`. */
export function proxyUrl(): SettingType<string> {
  return httpUrl('an absolute URL that begins with http://, https:// or tcp:// (the same as http://)', (text) =>
    text.replace(/^tcp:\/\//i, 'http://'),
  );
}

/**
 * The URL of an HTTP proxy in the environment, as most programs read it: `proxy:3128` means `http://proxy:3128`. It stays text, with the scheme.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
 */
export function environmentProxyUrl(): SettingType<string> {
  return httpUrl(
    'the URL of an HTTP proxy that begins with http:// or https://, or its host and port; SOCKS is not supported',
    (text) => (text.includes('://') ? text : `http://${text}`),
  );
}
