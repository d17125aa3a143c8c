import { describeNode } from '../parse/node.ts';
import type { ChainNode, CommandNode, OperandNode, PipeNode, VariableNode } from '../parse/node.ts';
import { ANY, isNillable, REFLECTED } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { bool, isTrue, string, zeroOf } from '../reflect/value.ts';
import type { GoFunction, Maybe } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { constantOf, idealConstant } from './constants.ts';
import { memberOf } from './members.ts';
import type { MissingKey } from './members.ts';
import type { Execution, Place, Variables } from './state.ts';

/** What a template can call, and how it was asked to run. */
export interface Library {
  readonly functions: ReadonlyMap<string, GoFunction>;
  readonly missingKey: MissingKey;
}

type LiteralNode = OperandNode & { readonly type: 'bool' | 'dot' | 'nil' | 'number' | 'string' };

/** The value that a command gets from the one before it in the pipeline, if there is one. */
type Final = { readonly value: Maybe } | undefined;

/** Evaluates pipelines: commands, their arguments, fields, methods and functions, by the rules of Go's `text/template`. */
export class PipelineEvaluator {
  readonly #execution: Execution;
  readonly #library: Library;
  readonly #variables: Variables;

  constructor(execution: Execution, library: Library, variables: Variables) {
    this.#execution = execution;
    this.#library = library;
    this.#variables = variables;
  }

  evaluate(pipe: PipeNode, dot: Place): Maybe {
    this.#execution.at(pipe);
    let final: Final;
    for (const command of pipe.commands) {
      const value = this.#command(command, dot, final);
      // An interface that holds nothing is no value at all once it leaves a command, unless it has methods.
      final = { value: value?.tag === 'nil' && value.type === ANY ? undefined : value };
    }
    for (const { names } of pipe.declarations) {
      const [name = ''] = names;
      const place = { value: final?.value };
      if (!pipe.isAssignment) this.#variables.declare(name, place);
      else if (!this.#variables.assign(name, place)) this.#execution.fail(`undefined variable: ${name}`);
    }
    return final?.value;
  }

  #command(command: CommandNode, dot: Place, final: Final): Maybe {
    const [node, ...args] = command.args;
    switch (node.type) {
      case 'field':
        this.#execution.at(node);
        return this.#fieldChain(dot, dot, node, node.names, args, final).value;
      case 'chain':
        return this.#chain(node, dot, args, final).value;
      case 'identifier':
        this.#execution.at(node);
        return this.#call(this.#function(node.name), node.name, command, args, dot, final);
      case 'variable':
        return this.#variable(node, dot, args, final).value;
      case 'pipe':
        this.#refuseArguments(node, args, final);
        return this.evaluate(node, dot);
      default:
        this.#execution.at(node);
        this.#refuseArguments(node, args, final);
        return this.#literal(node, dot);
    }
  }

  #literal(node: LiteralNode, dot: Place): Maybe {
    switch (node.type) {
      case 'bool':
        return bool(node.value);
      case 'dot':
        return dot.value;
      case 'nil':
        return this.#execution.fail('nil is not a command');
      case 'number':
        return idealConstant(node, this.#execution);
      case 'string':
        return string(node.text);
    }
  }

  #refuseArguments(node: OperandNode, args: readonly OperandNode[], final: Final): void {
    if (args.length > 0 || final !== undefined) {
      this.#execution.fail(`can't give argument to non-function ${describeNode(node)}`);
    }
  }

  #function(name: GoString): GoFunction {
    return this.#library.functions.get(name) ?? this.#execution.fail(`${quote(name)} is not a defined function`);
  }

  #chain(node: ChainNode, dot: Place, args: readonly OperandNode[], final: Final): Place {
    this.#execution.at(node);
    if (node.operand.type === 'nil') this.#execution.fail(`indirection through explicit nil in ${describeNode(node)}`);
    const value = this.#argument(node.operand, undefined, dot);
    return this.#fieldChain(dot, { value }, node, node.names, args, final);
  }

  #variable(node: VariableNode, dot: Place, args: readonly OperandNode[], final: Final): Place {
    this.#execution.at(node);
    const [name = '', ...names] = node.names;
    const variable = this.#variables.find(name) ?? this.#execution.fail(`undefined variable: ${name}`);
    if (names.length > 0) return this.#fieldChain(dot, variable, node, names, args, final);
    this.#refuseArguments(node, args, final);
    return variable;
  }

  #fieldChain(
    dot: Place,
    start: Place,
    node: OperandNode,
    names: readonly GoString[],
    args: readonly OperandNode[],
    final: Final,
  ): Place {
    // Arguments are for the last name of the chain, which may be a method's.
    return names.reduce(
      (receiver, name, index) =>
        index === names.length - 1
          ? this.#field(dot, name, node, args, final, receiver)
          : this.#field(dot, name, node, [], undefined, receiver),
      start,
    );
  }

  #field(
    dot: Place,
    name: GoString,
    node: OperandNode,
    args: readonly OperandNode[],
    final: Final,
    receiver: Place,
  ): Place {
    const hasArguments = args.length > 0 || final !== undefined;
    const found = memberOf(receiver, name, hasArguments, this.#library.missingKey, this.#execution);
    return 'method' in found ? { value: this.#call(found.method, name, node, args, dot, final) } : found;
  }

  #call(
    called: GoFunction,
    name: GoString,
    node: OperandNode | CommandNode,
    args: readonly OperandNode[],
    dot: Place,
    final: Final,
  ): Maybe {
    this.#checkCount(called, name, args.length, final);
    if (called.signatureProblem !== undefined) this.#execution.fail(called.signatureProblem);
    if (called.shortCircuits !== undefined) return this.#firstDecisive(called.shortCircuits, args, dot, final);
    const values = args.map((arg, index) => this.#argument(arg, parameterType(called, index), dot));
    if (final !== undefined) values.push(this.#validated(final.value, parameterType(called, values.length)));
    if (called.describesFirst === true) values.unshift(string(describeCallee(args[0], values[0])));
    return this.#execution.guard(
      () => {
        this.#execution.measureArguments(values);
        const result = called.call(values);
        this.#execution.measure(result);
        return result;
      },
      (error) => {
        this.#execution.at(node);
        return this.#execution.fail(`error calling ${name}: ${error.bytes}`, error.details);
      },
    );
  }

  #checkCount(called: GoFunction, name: GoString, argumentCount: number, final: Final): void {
    const count = argumentCount + (final === undefined ? 0 : 1);
    const wanted = called.params.length;
    if (called.variadic === undefined) {
      if (count !== wanted) this.#execution.fail(`wrong number of args for ${name}: want ${wanted} got ${count}`);
    } else if (count < wanted) {
      this.#execution.fail(`wrong number of args for ${name}: want at least ${wanted} got ${argumentCount}`);
    }
  }

  /** `and` and `or`: the first argument that settles it, and those after it are not evaluated. */
  #firstDecisive(decisive: boolean, args: readonly OperandNode[], dot: Place, final: Final): Maybe {
    let value: Maybe;
    for (const arg of args) {
      value = this.#argument(arg, REFLECTED, dot);
      if (isTrue(value) === decisive) return value;
    }
    return final === undefined ? value : this.#validated(final.value, REFLECTED);
  }

  /** Evaluates an argument for a parameter of a type; without one, for a chain of fields. */
  #argument(node: OperandNode, type: GoType | undefined, dot: Place): Maybe {
    this.#execution.at(node);
    switch (node.type) {
      case 'dot':
        return this.#validated(dot.value, type);
      case 'nil':
        if (type === undefined || !isNillable(type))
          return this.#execution.fail(`cannot assign nil to ${type?.name ?? ''}`);
        return type === REFLECTED ? undefined : zeroOf(type);
      case 'field':
        return this.#validated(this.#fieldChain(dot, dot, node, node.names, [], undefined).value, type);
      case 'variable':
        return this.#validated(this.#variable(node, dot, [], undefined).value, type);
      case 'pipe':
        return this.#validated(this.evaluate(node, dot), type);
      case 'identifier':
        return this.#validated(this.#call(this.#function(node.name), node.name, node, [], dot, undefined), type);
      case 'chain':
        return this.#validated(this.#chain(node, dot, [], undefined).value, type);
      case 'bool':
      case 'number':
      case 'string':
        return constantOf(node, type, this.#execution);
    }
  }

  /** Checks that a value can be passed as a type, as `reflect` sees it. */
  #validated(value: Maybe, type: GoType | undefined): Maybe {
    if (type === undefined || type === REFLECTED) return value;
    if (value === undefined) {
      return isNillable(type) ? zeroOf(type) : this.#execution.fail(`invalid value; expected ${type.name}`);
    }
    if (type.kind === 'interface' || value.type === type) return value;
    return this.#execution.fail(`wrong type for value; expected ${type.name}; got ${value.type.name}`);
  }
}

/** What is called by `call`, as it is written; from the pipeline, as `reflect` describes it. */
function describeCallee(node: OperandNode | undefined, value: Maybe): GoString {
  if (node !== undefined) return describeNode(node);
  if (value?.tag === 'string') return value.bytes;
  return value === undefined ? '<invalid Value>' : `<${value.type.name} Value>`;
}

function parameterType({ params, variadic }: GoFunction, index: number): GoType | undefined {
  return params[index] ?? variadic;
}
