import * as v from 'valibot';
import type { SettingType } from '../setting.ts';

/**
 * Names of lifecycle hooks, separated by commas; `*` stands for any characters and `?` for one.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
 */
export function hookNames(): SettingType<readonly string[]> {
  return {
    schema: v.pipe(
      v.string(),
      v.transform((text) => text.split(',').map((word) => word.trim())),
      v.array(v.pipe(v.string(), v.regex(/^[\w\-/*?]{1,255}$/))),
    ),
    allowed: 'a comma-separated list of names of lifecycle hooks, in which * stands for any characters and ? for one',
    format: (value) => value.join(','),
  };
}

/** Whether one of the patterns of {@link hookNames} stands for a name. Default: all names are meant. */
export function isNamedBy(patterns: readonly string[] | undefined, name: string): boolean {
  return patterns === undefined || patterns.some((pattern) => isMatch(pattern, name));
}

/** Whether a name is one that a pattern stands for: the whole of it. Takes no longer than both are long. */
function isMatch(pattern: string, name: string): boolean {
  // What the characters so far may have matched of the pattern: a star may go on, and all else has one way. A regular expression would
  // try all ways.
  let ends = new Set([0]);
  const withStars = (some: Set<number>): Set<number> => {
    for (const end of some) if (pattern[end] === '*') some.add(end + 1);
    return some;
  };
  ends = withStars(ends);
  for (const character of name) {
    const next = new Set<number>();
    for (const end of ends) {
      if (pattern[end] === '*') next.add(end);
      else if (pattern[end] === '?' || pattern[end] === character) next.add(end + 1);
    }
    ends = withStars(next);
  }
  return ends.has(pattern.length);
}
