const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/**
 * Go's `Regexp.Expand`: puts groups of a match in place of `$1`, `${1}`, `$name` and `${name}`; `$$` is a dollar sign.
 *
 * The longest name counts, so `$1x` is the group `1x`; a group that is none, or took no part, is nothing.
 *
 * @see https://pkg.go.dev/regexp#Regexp.Expand
 */
export function expandTemplate(
  template: string,
  text: string,
  match: readonly number[],
  names: ReadonlyMap<string, number>,
): string {
  return template.replace(REFERENCE, (_reference, plain?: string, braced?: string) => {
    const name = plain ?? braced;
    if (name === undefined) return '$';
    const group = /^[0-9]+$/.test(name) ? Number(name) : names.get(name);
    const start = group === undefined ? -1 : (match[2 * group] ?? -1);
    return group === undefined || start < 0 ? '' : text.slice(start, match[2 * group + 1]);
  });
}
