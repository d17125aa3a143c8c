import type { GoFunction } from '../funcs/func.ts';
import { describeNode } from '../parse/node.ts';
import type { ChainNode, CommandNode, OperandNode, PipeNode, VariableNode } from '../parse/node.ts';
import { isNillable, REFLECTED } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { bool, isTrue, NIL, string, zeroOf } from '../reflect/value.ts';
import type { Maybe, Value } from '../reflect/value.ts';
import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { constantOf, idealConstant } from './constants.ts';
import { findField, methodOf } from './fields.ts';
import type { StructMethods } from './fields.ts';
import type { Execution, Variables } from './state.ts';

/** The functions a template can call, and the methods of structs that its data brings. */
export interface Library {
  readonly functions: ReadonlyMap<string, GoFunction>;
  readonly structMethods: StructMethods;
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

  evaluate(pipe: PipeNode, dot: Maybe): Maybe {
    this.#execution.at(pipe);
    let final: Final;
    for (const command of pipe.commands) {
      const value = this.#command(command, dot, final);
      // An interface that holds nothing is no value at all once it leaves a command.
      final = { value: value?.tag === 'nil' ? undefined : value };
    }
    for (const { names } of pipe.declarations) {
      const [name = ''] = names;
      if (!pipe.isAssignment) this.#variables.declare(name, final?.value);
      else if (!this.#variables.assign(name, final?.value)) this.#execution.fail(`undefined variable: ${name}`);
    }
    return final?.value;
  }

  #command(command: CommandNode, dot: Maybe, final: Final): Maybe {
    const [node, ...args] = command.args;
    switch (node.type) {
      case 'field':
        this.#execution.at(node);
        return this.#fieldChain(dot, dot, node, node.names, args, final);
      case 'chain':
        return this.#chain(node, dot, args, final);
      case 'identifier':
        this.#execution.at(node);
        return this.#call(this.#function(node.name), node.name, command, args, dot, final);
      case 'variable':
        return this.#variable(node, dot, args, final);
      case 'pipe':
        this.#refuseArguments(node, args, final);
        return this.evaluate(node, dot);
      default:
        this.#execution.at(node);
        this.#refuseArguments(node, args, final);
        return this.#literal(node, dot);
    }
  }

  #literal(node: LiteralNode, dot: Maybe): Maybe {
    switch (node.type) {
      case 'bool':
        return bool(node.value);
      case 'dot':
        return dot;
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

  #chain(node: ChainNode, dot: Maybe, args: readonly OperandNode[], final: Final): Maybe {
    this.#execution.at(node);
    if (node.operand.type === 'nil') this.#execution.fail(`indirection through explicit nil in ${describeNode(node)}`);
    const receiver = this.#argument(node.operand, undefined, dot);
    return this.#fieldChain(dot, receiver, node, node.names, args, final);
  }

  #variable(node: VariableNode, dot: Maybe, args: readonly OperandNode[], final: Final): Maybe {
    this.#execution.at(node);
    const [name = '', ...names] = node.names;
    const variable = this.#variables.find(name) ?? this.#execution.fail(`undefined variable: ${name}`);
    if (names.length > 0) return this.#fieldChain(dot, variable.value, node, names, args, final);
    this.#refuseArguments(node, args, final);
    return variable.value;
  }

  #fieldChain(
    dot: Maybe,
    start: Maybe,
    node: OperandNode,
    names: readonly GoString[],
    args: readonly OperandNode[],
    final: Final,
  ): Maybe {
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
    dot: Maybe,
    name: GoString,
    node: OperandNode,
    args: readonly OperandNode[],
    final: Final,
    receiver: Maybe,
  ): Maybe {
    if (receiver === undefined) return undefined;
    if (receiver.tag === 'nil') return this.#execution.fail(`nil pointer evaluating ${receiver.type.name}.${name}`);
    const method = methodOf(receiver, name, this.#library.structMethods);
    if (method !== undefined) return this.#call(method, name, node, args, dot, final);
    const hasArguments = args.length > 0 || final !== undefined;
    const typeName = receiver.type.name;
    const struct = structOf(receiver);
    if (struct !== undefined) {
      const field = findField(struct, name);
      if (field?.isUnexported === true) {
        return this.#execution.fail(`${name} is an unexported field of struct type ${typeName}`);
      }
      if (field !== undefined) {
        if (hasArguments) this.#execution.fail(`${name} has arguments but cannot be invoked as function`);
        return field.value;
      }
    } else if (receiver.tag === 'map') {
      if (hasArguments) this.#execution.fail(`${name} is not a method but has arguments`);
      return receiver.entries.get(name);
    }
    return this.#execution.fail(`can't evaluate field ${name} in type ${typeName}`);
  }

  #call(
    called: GoFunction,
    name: GoString,
    node: OperandNode | CommandNode,
    args: readonly OperandNode[],
    dot: Maybe,
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
        const result = called.call(values, this.#execution);
        this.#execution.measure(result);
        return result;
      },
      (message) => {
        this.#execution.at(node);
        return this.#execution.fail(`error calling ${name}: ${message}`);
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
  #firstDecisive(decisive: boolean, args: readonly OperandNode[], dot: Maybe, final: Final): Maybe {
    let value: Maybe;
    for (const arg of args) {
      value = this.#argument(arg, REFLECTED, dot);
      if (isTrue(value) === decisive) return value;
    }
    return final === undefined ? value : this.#validated(final.value, REFLECTED);
  }

  /** Evaluates an argument for a parameter of a type; without one, for a chain of fields. */
  #argument(node: OperandNode, type: GoType | undefined, dot: Maybe): Maybe {
    this.#execution.at(node);
    switch (node.type) {
      case 'dot':
        return this.#validated(dot, type);
      case 'nil':
        if (type === undefined || !isNillable(type))
          return this.#execution.fail(`cannot assign nil to ${type?.name ?? ''}`);
        return type === REFLECTED ? undefined : zeroOf(type);
      case 'field':
        return this.#validated(this.#fieldChain(dot, dot, node, node.names, [], undefined), type);
      case 'variable':
        return this.#validated(this.#variable(node, dot, [], undefined), type);
      case 'pipe':
        return this.#validated(this.evaluate(node, dot), type);
      case 'identifier':
        return this.#validated(this.#call(this.#function(node.name), node.name, node, [], dot, undefined), type);
      case 'chain':
        return this.#validated(this.#chain(node, dot, [], undefined), type);
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

function structOf(value: Value) {
  switch (value.tag) {
    case 'struct':
      return value;
    case 'pointer':
      return value.target;
    case 'time':
      return { tag: 'struct', type: value.type, values: [NIL, NIL, NIL] } as const;
    default:
      return undefined;
  }
}
