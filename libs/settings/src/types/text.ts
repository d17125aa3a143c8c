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
