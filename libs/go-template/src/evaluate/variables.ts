import type { GoString } from '../text/bytes.ts';
import type { Maybe } from '../values/value.ts';

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
