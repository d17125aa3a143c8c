import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

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
