import { describeNode } from '../parse/node.ts';
import type { OperandNode } from '../parse/node.ts';
import { isSigned, isUnsigned, REFLECTED } from '../reflect/type.ts';
import type { GoType } from '../reflect/type.ts';
import { bool, complex, float, int, integer, string } from '../reflect/value.ts';
import type { Value } from '../reflect/value.ts';
import type { Execution } from './state.ts';

type ConstantNode = OperandNode & { readonly type: 'bool' | 'number' | 'string' };
type NumberNode = OperandNode & { readonly type: 'number' };

/**
 * The value of a number where nothing says of what type it should be: its spelling decides, as for Go's constants.
 *
 * @see https://go.dev/ref/spec#Constants
 */
export function idealConstant({ text, number }: NumberNode, execution: Execution): Value {
  if (number.complex !== undefined) return complex(number.complex.real, number.complex.imaginary);
  const isSpelledWhole = text.startsWith("'") || (/^0[xX]/.test(text) && !/[pP]/.test(text)) || !/[.eEpP]/.test(text);
  if (number.float !== undefined && !isSpelledWhole) return float(number.float);
  return number.int === undefined ? execution.fail(`${text} overflows int`) : int(number.int);
}

/** The value of a constant that is passed as a parameter of such a type. */
export function constantOf(node: ConstantNode, type: GoType | undefined, execution: Execution): Value {
  if (type === undefined) return execution.fail(`can't handle ${describeNode(node)} for arg of type nil`);
  execution.at(node);
  if (type.kind === 'interface' || type === REFLECTED) return anyConstant(node, execution);
  if (type.kind === 'bool') return node.type === 'bool' ? bool(node.value) : expected('bool', node, execution);
  if (type.kind === 'string') return node.type === 'string' ? string(node.text) : expected('string', node, execution);
  if (type.kind === 'float64') {
    return node.type === 'number' && node.number.float !== undefined
      ? float(node.number.float)
      : expected('float', node, execution);
  }
  if (isSigned(type)) {
    return node.type === 'number' && node.number.int !== undefined
      ? integer(node.number.int, type)
      : expected('integer', node, execution);
  }
  if (isUnsigned(type)) {
    return node.type === 'number' && node.number.uint !== undefined
      ? integer(node.number.uint, type)
      : expected('unsigned integer', node, execution);
  }
  return execution.fail(`can't handle ${describeNode(node)} for arg of type ${type.name}`);
}

function anyConstant(node: ConstantNode, execution: Execution): Value {
  switch (node.type) {
    case 'bool':
      return bool(node.value);
    case 'number':
      return idealConstant(node, execution);
    case 'string':
      return string(node.text);
  }
}

function expected(what: string, node: ConstantNode, execution: Execution): never {
  return execution.fail(`expected ${what}; found ${describeNode(node)}`);
}
