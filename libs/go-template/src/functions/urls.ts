import type { GoFunction } from '../evaluate/go-function.ts';
import { aDict, aString, fn1 } from '../evaluate/parameter.ts';
import { GoError } from '../go-error.ts';
import type { GoString } from '../text/bytes.ts';
import { formatGoUrl, hostname, parseGoUrl } from '../url/go-url.ts';
import { dict, string } from '../values/value.ts';
import type { MapValue } from '../values/value.ts';

/** sprig's functions for URLs. */
export const URL_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  urlParse: fn1(aString, (text) => {
    const url = parseGoUrl(text);
    if ('problem' in url) throw new GoError(`unable to parse url: ${url.problem}`);
    const parts = { ...url, hostname: hostname(url), userinfo: url.userinfo ?? '' };
    return dict(Object.entries(parts).map(([name, part]) => [name, string(part)] as const));
  }),
  urlJoin: fn1(aDict, (parts) => {
    const part = (name: string): GoString => partOf(parts, name);
    const userinfo = part('userinfo');
    return string(
      formatGoUrl({
        scheme: part('scheme'),
        host: part('host'),
        path: part('path'),
        query: part('query'),
        opaque: part('opaque'),
        fragment: part('fragment'),
        userinfo: userinfo === '' ? undefined : normalizedUserinfo(userinfo),
      }),
    );
  }),
};

function partOf({ entries }: MapValue, name: string): GoString {
  const value = entries.get(name);
  if (value === undefined) return '';
  if (value.tag === 'string') return value.bytes;
  if (value.tag === 'nil') throw new GoError('runtime error: invalid memory address or nil pointer dereference');
  throw new GoError(`unable to parse ${name} key, must be of type string, but ${value.type.kind} found`);
}

function normalizedUserinfo(userinfo: GoString): GoString | undefined {
  const url = parseGoUrl(`proto://${userinfo}@host`);
  if ('problem' in url) throw new GoError(`unable to parse userinfo in dict: ${url.problem}`);
  return url.userinfo;
}
