import { GoError, TemplateError } from '../errors.ts';
import type { CallContext } from '../funcs/func.ts';
import { checkListLength, checkTextLength, LimitError, STEP_LIMIT } from '../limits.ts';
import { describeNode } from '../parse/node.ts';
import type { ErrorNode } from '../parse/node.ts';
import type { Maybe } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import type { GoTime } from '../time/time.ts';
import { textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** One run of a template: what it has written, how far it may still go, and what it is at, for errors. */
export class Execution implements CallContext {
  readonly #name: GoString;
  readonly #source: GoString;
  readonly #now: () => GoTime;
  readonly #output: GoString[] = [];
  #outputLength = 0;
  #steps = 0;
  #node: ErrorNode | undefined;
  /** The template being executed: the main one, or one it defines. */
  templateName: GoString;

  constructor(name: GoString, source: GoString, now: () => GoTime) {
    this.#name = name;
    this.templateName = name;
    this.#source = source;
    this.#now = now;
  }

  get output(): GoString {
    return this.#output.join('');
  }

  now(): GoTime {
    return this.#now();
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > STEP_LIMIT) throw new LimitError('template takes too long');
  }

  write(text: GoString): void {
    this.#outputLength += text.length;
    checkTextLength(this.#outputLength);
    this.#output.push(text);
  }

  /** Notes what is being executed, so that an error can say so. */
  at(node: ErrorNode): void {
    this.step();
    this.#node = node;
  }

  /** Takes one step from the budget. */
  step(): void {
    this.#steps += 1;
    if (this.#steps > STEP_LIMIT) this.fail('template takes too long');
  }

  /** Ends the run with an error about what it is at. */
  fail(message: GoString): never {
    const name = textOf(this.#name);
    const position = this.#node?.position ?? 0;
    const before = this.#source.slice(0, position);
    const line = before.split('\n').length;
    const column = position - (before.lastIndexOf('\n') + 1);
    const context = this.#node === undefined ? '' : describeNode(this.#node);
    const where = `${this.#name}:${line}:${column}: executing ${quote(this.templateName)} at <${context}>`;
    throw new TemplateError('execute', { template: name, line, column }, textOf(`template: ${where}: ${message}`));
  }

  /** Takes what a function has made from the budget. */
  measure(result: Maybe): void {
    if (result?.tag === 'string') {
      checkTextLength(result.bytes.length);
      this.spend(result.bytes.length >> 6);
    } else if (result?.tag === 'list') {
      checkListLength(result.items.length);
      this.spend(result.items.length);
    } else if (result?.tag === 'map') {
      this.spend(result.entries.size);
    }
  }

  /** Runs a function; what is an error or a panic in Go becomes one of the template. */
  guard<T>(run: () => T, onError: (message: GoString) => never): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof GoError) return onError(error.bytes);
      throw error;
    }
  }
}

/** The variables of one template, the innermost last. */
export class Variables {
  readonly #stack: { readonly name: GoString; value: Maybe }[];

  constructor(dollar: Maybe) {
    this.#stack = [{ name: '$', value: dollar }];
  }

  /** Where the stack stands, to come back to. */
  mark(): number {
    return this.#stack.length;
  }

  release(mark: number): void {
    this.#stack.length = mark;
  }

  declare(name: GoString, value: Maybe): void {
    this.#stack.push({ name, value });
  }

  /** Gives a new value to the innermost variable of that name; `false` when there is none. */
  assign(name: GoString, value: Maybe): boolean {
    const variable = this.#stack.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) variable.value = value;
    return variable !== undefined;
  }

  /** Gives a new value to the variable at that place of the stack. */
  replace(index: number, value: Maybe): void {
    const variable = this.#stack[index];
    if (variable !== undefined) variable.value = value;
  }

  /** The innermost variable of that name; `undefined` when it is out of scope. */
  find(name: GoString): { readonly value: Maybe } | undefined {
    return this.#stack.findLast((candidate) => candidate.name === name);
  }
}
