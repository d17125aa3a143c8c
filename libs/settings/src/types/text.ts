import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

/** Text of one line, trimmed: a name, an id, a path. */
export function line(what = 'text without line breaks or other control characters'): SettingType<string> {
  return {
    // Control characters would reach log lines, URLs and file names.
    schema: v.pipe(v.string(), v.trim(), v.regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/)),
    allowed: what,
    format: (value) => value,
  };
}

/** The name of a Kubernetes object; see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
export function objectName(what: string): SettingType<string> {
  return {
    schema: v.pipe(v.string(), v.trim(), v.regex(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/)),
    allowed: `${what}, of lower-case letters, digits, dashes and dots`,
    format: (value) => value,
  };
}

/** Text exactly as it was given, line breaks and all: a template. */
export function verbatim(): SettingType<string> {
  return { schema: v.string(), allowed: 'text', format: (value) => value };
}

/** A path on an HTTP server, such as `/healthz`. */
export function urlPath(): SettingType<string> {
  return {
    schema: v.pipe(v.string(), v.trim(), v.regex(/^\/[\w\-.~/%]*$/)),
    allowed: 'a path that begins with / and has no spaces, query or fragment',
    format: (value) => value,
  };
}

/** A DNS name, an IPv4 address or an IPv6 address. */
export function host(): SettingType<string> {
  return {
    schema: v.pipe(v.string(), v.trim(), v.regex(/^[\w\-.:%[\]]+$/)),
    allowed: 'a host name or an IP address',
    format: (value) => value,
  };
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

/** An absolute URL with http or https. It stays text, as it was given but for spaces around it. */
export function url(): SettingType<string> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.check((text) => ['http:', 'https:'].includes(parse(text)?.protocol ?? '') && !/\s/.test(text)),
    ),
    allowed: 'an absolute URL that begins with http:// or https://',
    format: withoutCredentials,
  };
}

/**
 * The URL of a standard SQS queue.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html
 */
export function queueUrl(): SettingType<string> {
  const http = url();
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      http.schema,
      v.check((text) => parse(text)?.pathname.endsWith('.fifo') !== true),
    ),
    allowed:
      'the URL of a standard SQS queue, with http:// or https:// (a FIFO queue, .fifo, holds the messages of a group back while one of them is worked on)',
    format: withoutCredentials,
  };
}

/** The URL of an HTTP proxy; `tcp://` is what some users have and means the same as `http://`. */
export function proxyUrl(): SettingType<string> {
  const http = url();
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.transform((text) => text.replace(/^tcp:\/\//i, 'http://')),
      http.schema,
    ),
    allowed: 'an absolute URL that begins with http://, https:// or tcp:// (the same as http://)',
    format: withoutCredentials,
  };
}

/**
 * The URL of an HTTP proxy in the environment, as most programs read it: `proxy:3128` means `http://proxy:3128`. It stays text, with the scheme.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
 */
export function environmentProxyUrl(): SettingType<string> {
  return {
    schema: v.pipe(
      v.string(),
      v.trim(),
      v.transform((text) => (text.includes('://') ? text : `http://${text}`)),
      url().schema,
    ),
    allowed:
      'the URL of an HTTP proxy that begins with http:// or https://, or its host and port; SOCKS is not supported',
    format: withoutCredentials,
  };
}
