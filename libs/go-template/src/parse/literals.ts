import { textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';
import type { PipeNode } from './node.ts';
import type { TemplateSet } from './parser.ts';

/** A text that a function is called with as it stands in the template. */
export interface LiteralArgument {
  readonly text: string;
  /** The line that it stands in, from 1. */
  readonly line: number;
}

/** Finds what a function of one argument is called with, or is given by a pipe, where that stands there as text. */
export function literalArguments(templates: TemplateSet, source: GoString, name: string): readonly LiteralArgument[] {
  return [...templates.values()].flatMap(pipesIn).flatMap(({ commands }) =>
    commands.flatMap(({ args: [callee, ...given] }, index) => {
      if (callee.type !== 'identifier' || callee.name !== name) return [];
      const literal = given[0] ?? commands[index - 1]?.args[0];
      if (literal?.type !== 'string') return [];
      return [{ text: textOf(literal.text), line: source.slice(0, literal.position).split('\n').length }];
    }),
  );
}

/** All pipelines of a part of a template, however deep. */
function pipesIn(part: unknown): readonly PipeNode[] {
  if (typeof part !== 'object' || part === null) return [];
  const inside = Object.values(part).flatMap(pipesIn);
  return 'type' in part && part.type === 'pipe' ? [part as PipeNode, ...inside] : inside;
}
