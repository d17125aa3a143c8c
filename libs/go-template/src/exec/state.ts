import { TemplateError } from '../errors.ts';
import type { TemplateErrorDetails } from '../errors.ts';
import { GoError } from '../go-error.ts';
import { checkListLength, checkTextLength, spend, spendOnText, takeStep, TOO_LONG } from '../limits.ts';
import { describeNode } from '../parse/node.ts';
import type { ErrorNode } from '../parse/node.ts';
import type { GoType } from '../reflect/type.ts';
import type { Maybe } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import { textOf } from '../unicode/utf8.ts';
import type { GoString } from '../unicode/utf8.ts';

/** One run of a template: what it has written, how far it may still go, and what it is at, for errors. */
export class Execution {
  readonly #name: GoString;
  readonly #source: GoString;
  readonly #output: GoString[] = [];
  #outputLength = 0;
  #node: ErrorNode | undefined;
  /** The template being executed: the main one, or one it defines. */
  templateName: GoString;

  constructor(name: GoString, source: GoString) {
    this.#name = name;
    this.templateName = name;
    this.#source = source;
  }

  get output(): GoString {
    return this.#output.join('');
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
    if (!takeStep()) this.fail(TOO_LONG, { limit: 'steps' });
  }

  /** Ends the run with an error about what it is at. */
  fail(message: GoString, details: TemplateErrorDetails = {}): never {
    const name = textOf(this.#name);
    const position = this.#node?.position ?? 0;
    const before = this.#source.slice(0, position);
    const line = before.split('\n').length;
    const column = position - (before.lastIndexOf('\n') + 1);
    const context = this.#node === undefined ? '' : describeNode(this.#node);
    const where = `${this.#name}:${line}:${column}: executing ${quote(this.templateName)} at <${context}>`;
    throw new TemplateError(
      'execute',
      { template: name, line, column },
      textOf(`template: ${where}: ${message}`),
      details,
    );
  }

  /** Takes the steps for the texts that a function is given: it may go through them. */
  measureArguments(args: readonly Maybe[]): void {
    for (const arg of args) if (arg?.tag === 'string') spendOnText(arg.bytes.length);
  }

  /** Takes the steps for a value that has been made, or is gone through. */
  measure(result: Maybe): void {
    if (result?.tag === 'string') {
      checkTextLength(result.bytes.length);
      spendOnText(result.bytes.length);
    } else if (result?.tag === 'list') {
      checkListLength(result.items.length);
      spend(result.items.length);
    } else if (result?.tag === 'map') {
      spend(result.entries.size);
    }
  }

  /** Runs a function; what is an error or a panic in Go becomes one of the template. */
  guard<T>(run: () => T, onError: (error: GoError) => never): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof GoError) return onError(error);
      throw error;
    }
  }
}

/** A value, with what is said of it where it comes from. */
export interface Place {
  readonly value: Maybe;
  /** The type that a field or the elements of a list or map are declared with, which errors name where it is an interface. */
  readonly declared?: GoType | undefined;
}

/** The variables of one template, the innermost last. */
export class Variables {
  readonly #stack: { readonly name: GoString; place: Place }[];

  constructor(dollar: Place) {
    this.#stack = [{ name: '$', place: dollar }];
  }

  /** Where the stack stands, to come back to. */
  mark(): number {
    return this.#stack.length;
  }

  release(mark: number): void {
    this.#stack.length = mark;
  }

  declare(name: GoString, place: Place): void {
    this.#stack.push({ name, place });
  }

  /** Gives a new value to the innermost variable of that name; `false` when there is none. */
  assign(name: GoString, place: Place): boolean {
    const variable = this.#stack.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) variable.place = place;
    return variable !== undefined;
  }

  /** Gives a new value to the variable at that place of the stack. */
  replace(index: number, place: Place): void {
    const variable = this.#stack[index];
    if (variable !== undefined) variable.place = place;
  }

  /** The innermost variable of that name; `undefined` when it is out of scope. */
  find(name: GoString): Place | undefined {
    return this.#stack.findLast((candidate) => candidate.name === name)?.place;
  }
}
