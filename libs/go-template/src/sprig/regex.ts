import { RE2JS, RE2JSException } from 're2js';
import { anInt, aString, fn1, fn2, fn3 } from '../funcs/func.ts';
import { GoError } from '../go-error.ts';
import { checkTextLength, LimitError, spend } from '../limits.ts';
import { STRINGS } from '../reflect/type.ts';
import { bool, FALSE, string, strings, zeroOf } from '../reflect/value.ts';
import type { GoFunction, Value } from '../reflect/value.ts';
import { canBackquote, quote } from '../strconv/quote.ts';
import { eachRune, goString, RUNE_ERROR, textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** One match: for each group, the whole being the first, where it begins and ends; -1 where it takes no part. */
type Match = readonly number[];

const mustMatch = fn2(aString, aString, (pattern, text) => bool(isMatch(compile(pattern), textOf(text))));
const findAll = fn3(aString, aString, anInt, (pattern, bytes, count) => {
  const text = textOf(bytes);
  const found = findMatches(compile(pattern), text, count).map(([start, end]) => goString(text.slice(start, end)));
  return found.length === 0 ? zeroOf(STRINGS) : strings(found);
});
const find = fn2(aString, aString, (pattern, bytes) => {
  const text = textOf(bytes);
  const [match] = findMatches(compile(pattern), text, 1);
  return string(match === undefined ? '' : goString(text.slice(match[0], match[1])));
});
const replaceAll = fn3(aString, aString, aString, (pattern, bytes, replacement) => {
  const regex = compile(pattern);
  const names = new Map(Object.entries(regex.namedGroups()));
  const template = textOf(replacement);
  return string(replace(regex, bytes, (text, match) => expandTemplate(template, text, match, names)));
});
const replaceAllLiteral = fn3(aString, aString, aString, (pattern, bytes, replacement) => {
  const literal = textOf(replacement);
  return string(replace(compile(pattern), bytes, () => literal));
});
const split = fn3(aString, aString, anInt, (pattern, bytes, count) => splitBy(pattern, textOf(bytes), count));

/** The function as it is without `must`, where Go says in other words that the pattern is no expression. */
function compiling(fn: GoFunction): GoFunction {
  return {
    ...fn,
    call([pattern, ...rest]) {
      const written = aString.read(pattern);
      guardPattern(written);
      return fn.call([pattern, ...rest]);
    },
  };
}

/** sprig's functions for regular expressions, on an engine that takes linear time whatever the expression. */
export const REGEX_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  regexMatch: {
    ...mustMatch,
    call(args) {
      try {
        return mustMatch.call(args);
      } catch (error) {
        // What is no expression matches nothing.
        if (error instanceof GoError && !(error instanceof LimitError)) return FALSE;
        throw error;
      }
    },
  },
  mustRegexMatch: mustMatch,
  regexFindAll: compiling(findAll),
  mustRegexFindAll: findAll,
  regexFind: compiling(find),
  mustRegexFind: find,
  regexReplaceAll: compiling(replaceAll),
  mustRegexReplaceAll: replaceAll,
  regexReplaceAllLiteral: compiling(replaceAllLiteral),
  mustRegexReplaceAllLiteral: replaceAllLiteral,
  regexSplit: compiling(split),
  mustRegexSplit: split,
  regexQuoteMeta: fn1(aString, (text) => string(text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&'))),
};

/** The longest expression that is taken, in characters. */
const PATTERN_LIMIT = 1000;

function guardPattern(pattern: GoString): void {
  try {
    compile(pattern);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    const quoted = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
    throw new GoError(`regexp: Compile(${quoted}): ${error.bytes}`);
  }
}

function compile(pattern: GoString): RE2JS {
  if (pattern.length > PATTERN_LIMIT) throw new GoError(`expression is longer than ${PATTERN_LIMIT} characters`);
  for (const { rune, size, index } of eachRune(pattern)) {
    if (rune === RUNE_ERROR && size === 1)
      throw new GoError(`error parsing regexp: invalid UTF-8: \`${pattern.slice(index)}\``);
  }
  try {
    return RE2JS.compile(textOf(pattern));
  } catch (error) {
    if (error instanceof RE2JSException)
      throw new GoError(goString(`${error.message}${error.message.endsWith('`') ? '' : ': ``'}`));
    throw error;
  }
}

/** How many instructions of an expression, each at one character, are a step. */
const INSTRUCTIONS_PER_STEP = 64;

// A search takes linear time, and may look at all the rest of the text before it finds a match where it began.
function spendOnSearch(regex: RE2JS, length: number): void {
  spend(Math.floor((regex.programSize() * length) / INSTRUCTIONS_PER_STEP));
}

function isMatch(regex: RE2JS, text: string): boolean {
  spendOnSearch(regex, text.length);
  return regex.test(text);
}

/** Go's choice of matches: none that is empty right after another one. At most so many, all for a negative count. */
function findMatches(regex: RE2JS, text: string, count: number): readonly Match[] {
  const found: Match[] = [];
  const matcher = regex.matcher(text);
  let previousEnd = -1;
  for (let position = 0; position <= text.length && found.length !== count;) {
    spendOnSearch(regex, text.length - position);
    if (!matcher.find(position)) break;
    const match = Array.from({ length: 2 * (matcher.groupCount() + 1) }, (_place, index) =>
      index % 2 === 0 ? matcher.start(index / 2) : matcher.end((index - 1) / 2),
    );
    const [start = 0, end = 0] = match;
    if (end > start || start !== previousEnd) found.push(match);
    previousEnd = end;
    position = end > position ? end : position + characterLength(text, position);
  }
  return found;
}

function characterLength(text: string, position: number): number {
  return String.fromCodePoint(text.codePointAt(position) ?? 0).length;
}

function replace(regex: RE2JS, bytes: GoString, replacementFor: (text: string, match: Match) => string): GoString {
  const text = textOf(bytes);
  let result = '';
  let last = 0;
  for (const match of findMatches(regex, text, -1)) {
    const [start = 0, end = 0] = match;
    result += text.slice(last, start) + replacementFor(text, match);
    checkTextLength(result.length);
    last = end;
  }
  return goString(result + text.slice(last));
}

/** Go's `Regexp.Split`: the texts between the matches; at most so many, the last of them with all the rest. */
function splitBy(pattern: GoString, text: string, count: number): Value {
  const regex = compile(pattern);
  if (count === 0) return zeroOf(STRINGS);
  if (pattern !== '' && text === '') return strings(['']);
  const parts: string[] = [];
  let begin = 0;
  let end = 0;
  for (const [start = 0, stop = 0] of findMatches(regex, text, count)) {
    if (count > 0 && parts.length === count - 1) break;
    end = start;
    // A match of nothing at the beginning divides nothing.
    if (stop !== 0) parts.push(text.slice(begin, end));
    begin = stop;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return strings(parts.map(goString));
}

const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/**
 * Go's `Regexp.Expand`: puts groups of a match in place of `$1`, `${1}`, `$name` and `${name}`; `$$` is a dollar sign.
 *
 * The longest name counts, so `$1x` is the group `1x`; a group that is none, or took no part, is nothing.
 *
 * @see https://pkg.go.dev/regexp#Regexp.Expand
 */
function expandTemplate(
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
