import { describeValue } from '../fmt/print-value.ts';
import { sprint } from '../fmt/printf.ts';
import { templateDepthLimit } from '../limits.ts';
import { describeNode } from '../parse/node.ts';
import type { ActionNode, BranchNode, ContentNode, ListNode, PipeNode, TemplateNode } from '../parse/node.ts';
import type { TemplateSet } from '../parse/parser.ts';
import { stringOf } from '../reflect/members.ts';
import { int, integer, isTrue, sortedKeys, string } from '../reflect/value.ts';
import type { Maybe, Value } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { PipelineEvaluator } from './pipeline.ts';
import type { Library } from './pipeline.ts';
import { Variables } from './state.ts';
import type { Execution, Place } from './state.ts';

/** How a list of content was left: by its end, or on the way out of a loop. */
type Exit = 'end' | 'break' | 'continue';

/** Walks through templates and writes what they say. */
export class Evaluator {
  readonly #execution: Execution;
  readonly #templates: TemplateSet;
  readonly #library: Library;
  #depth = 0;

  constructor(execution: Execution, templates: TemplateSet, library: Library) {
    this.#execution = execution;
    this.#templates = templates;
    this.#library = library;
  }

  run(list: ListNode, dot: Place): void {
    const variables = new Variables(dot);
    new TemplateRun(
      this,
      this.#execution,
      new PipelineEvaluator(this.#execution, this.#library, variables),
      variables,
    ).walk(list, dot);
  }

  runNamed(node: TemplateNode, evaluateDot: () => Maybe): void {
    this.#execution.at(node);
    const list = this.#templates.get(node.name);
    if (list === undefined) return this.#execution.fail(`template ${quote(node.name)} not defined`);
    const depth = templateDepthLimit();
    if (this.#depth >= depth) {
      return this.#execution.fail(`exceeded maximum template depth (${depth})`, { limit: 'depth' });
    }
    const dot = evaluateDot();
    const caller = this.#execution.templateName;
    this.#execution.templateName = node.name;
    this.#depth += 1;
    this.run(list, { value: dot });
    this.#depth -= 1;
    this.#execution.templateName = caller;
  }
}

/** Walks through one template, which knows no variables but its own. */
class TemplateRun {
  readonly #evaluator: Evaluator;
  readonly #execution: Execution;
  readonly #pipelines: PipelineEvaluator;
  readonly #variables: Variables;

  constructor(evaluator: Evaluator, execution: Execution, pipelines: PipelineEvaluator, variables: Variables) {
    this.#evaluator = evaluator;
    this.#execution = execution;
    this.#pipelines = pipelines;
    this.#variables = variables;
  }

  walk({ nodes }: ListNode, dot: Place): Exit {
    for (const node of nodes) {
      const exit = this.#walkNode(node, dot);
      if (exit !== 'end') return exit;
    }
    return 'end';
  }

  #walkNode(node: ContentNode, dot: Place): Exit {
    switch (node.type) {
      case 'text':
        this.#write(() => node.text);
        return 'end';
      case 'break':
      case 'continue':
        return node.type;
      case 'action': {
        this.#execution.at(node);
        const value = this.#pipelines.evaluate(node.pipe, dot);
        if (node.pipe.declarations.length === 0) {
          this.#execution.at(node);
          this.#print(node, value);
        }
        return 'end';
      }
      case 'if':
      case 'with':
        return this.#walkCondition(node, dot);
      case 'range':
        return this.#walkRange(node, dot);
      case 'template':
        this.#evaluator.runNamed(node, () =>
          node.pipe === undefined ? undefined : this.#pipelines.evaluate(node.pipe, dot),
        );
        return 'end';
    }
  }

  #walkCondition({ type, pipe, list, elseList }: BranchNode, dot: Place): Exit {
    const mark = this.#variables.mark();
    const value = this.#pipelines.evaluate(pipe, dot);
    const exit = isTrue(value)
      ? this.walk(list, type === 'with' ? { value } : dot)
      : elseList === undefined
        ? 'end'
        : this.walk(elseList, dot);
    this.#variables.release(mark);
    return exit;
  }

  #walkRange({ pipe, list, elseList }: BranchNode, dot: Place): Exit {
    const mark = this.#variables.mark();
    const value = this.#pipelines.evaluate(pipe, dot);
    const bodyMark = this.#variables.mark();
    let count = 0;
    let exit: Exit = 'end';
    for (const [index, element] of this.#elements(value, pipe)) {
      count += 1;
      this.#execution.step();
      this.#assignLoopVariables(pipe, { value: index }, element, bodyMark);
      const left = this.walk(list, element);
      this.#variables.release(bodyMark);
      if (left === 'break') break;
    }
    if (count === 0 && elseList !== undefined) exit = this.walk(elseList, dot);
    this.#variables.release(mark);
    return exit;
  }

  #assignLoopVariables({ declarations, isAssignment }: PipeNode, index: Place, element: Place, bodyMark: number): void {
    const [first, second] = declarations.map(({ names: [name = ''] }) => name);
    if (first === undefined) return;
    if (isAssignment) {
      this.#variables.assign(first, second === undefined ? element : index);
      if (second !== undefined) this.#variables.assign(second, element);
    } else if (second === undefined) {
      this.#variables.replace(bodyMark - 1, element);
    } else {
      this.#variables.replace(bodyMark - 1, element);
      this.#variables.replace(bodyMark - 2, index);
    }
  }

  /** What a loop goes through: index or key, and element. */
  *#elements(value: Maybe, pipe: PipeNode): Generator<readonly [Maybe, Place]> {
    if (value === undefined) return;
    const declared = value.type.element;
    switch (value.tag) {
      case 'int':
        if (pipe.declarations.length > 1) {
          this.#execution.fail(`can't use ${value.int} to iterate over more than one variable`);
        }
        for (let number = 0n; number < value.int; number += 1n)
          yield [undefined, { value: integer(number, value.type) }];
        return;
      case 'list':
        for (const [index, item] of value.items.entries()) yield [int(index), { value: item, declared }];
        return;
      case 'map':
        // As they are now: the loop may change the map.
        this.#guarded(() => this.#execution.measure(value));
        yield* sortedKeys(value).map((key) => [string(key), { value: value.entries.get(key), declared }] as const);
        return;
      default:
        this.#execution.fail(`range can't iterate over ${describe(value)}`);
    }
  }

  #print(node: ActionNode, value: Maybe): void {
    if (value?.tag === 'func') {
      this.#execution.fail(`can't print ${describeNode(node)} of type ${value.type.name}`);
    }
    this.#write(() => (value === undefined ? '<no value>' : sprint([printable(value)])));
  }

  #write(text: () => GoString): void {
    this.#guarded(() => this.#execution.write(text()));
  }

  #guarded(run: () => void): void {
    this.#execution.guard(run, (error) => this.#execution.fail(error.bytes, error.details));
  }
}

/** A pointer is printed as what it leads to, unless it says itself how. */
function printable(value: Value): Value {
  return value.tag === 'pointer' && value.target !== undefined && stringOf(value) === undefined ? value.target : value;
}

function describe(value: Value): GoString {
  if (value.tag === 'func') return '<nil>';
  return describeValue(value.tag === 'pointer' ? (value.target ?? value) : value);
}
