import { quote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import type { NumberConstant } from './number.ts';

interface At {
  /** Byte offset in the template's source. */
  readonly position: number;
}

/** One term of a command. */
export type OperandNode =
  | (At & { readonly type: 'bool'; readonly value: boolean })
  | (At & { readonly type: 'dot' })
  | (At & { readonly type: 'nil' })
  | (At & { readonly type: 'number'; readonly text: GoString; readonly number: NumberConstant })
  | (At & { readonly type: 'string'; readonly quoted: GoString; readonly text: GoString })
  | IdentifierNode
  | FieldNode
  | VariableNode
  | ChainNode
  | PipeNode;

/** The name of a function. */
interface IdentifierNode extends At {
  readonly type: 'identifier';
  readonly name: GoString;
}

/** `.X.Y`; each name without its dot. */
interface FieldNode extends At {
  readonly type: 'field';
  readonly names: readonly GoString[];
}

/** `$x.Y`; the first name with its dollar sign. */
export interface VariableNode extends At {
  readonly type: 'variable';
  readonly names: readonly GoString[];
}

/** Fields of something in parentheses or of a function's result: `(…).X.Y`. */
export interface ChainNode extends At {
  readonly type: 'chain';
  readonly operand: OperandNode;
  readonly names: readonly GoString[];
}

/** A function or value with its arguments. */
export interface CommandNode extends At {
  readonly type: 'command';
  readonly args: readonly [OperandNode, ...OperandNode[]];
}

/** Commands one into the other, with the variables that take the result. */
export interface PipeNode extends At {
  readonly type: 'pipe';
  readonly declarations: readonly VariableNode[];
  readonly isAssignment: boolean;
  readonly commands: readonly CommandNode[];
}

/** `{{pipeline}}` */
export interface ActionNode extends At {
  readonly type: 'action';
  readonly pipe: PipeNode;
}

/** `{{if}}`, `{{with}}` and `{{range}}`. */
export interface BranchNode extends At {
  readonly type: 'if' | 'with' | 'range';
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

/** `{{template "name" pipeline}}`, and what is left of `{{block}}`. */
export interface TemplateNode extends At {
  readonly type: 'template';
  readonly name: GoString;
  readonly pipe: PipeNode | undefined;
}

/** What a template is made of. */
export type ContentNode =
  | (At & { readonly type: 'text'; readonly text: GoString })
  | (At & { readonly type: 'break' | 'continue' })
  | ActionNode
  | BranchNode
  | TemplateNode;

/** Content from one action to the `{{else}}` or `{{end}}` that closes it. */
export interface ListNode {
  readonly nodes: readonly ContentNode[];
}

/** What an error can be about. */
export type ErrorNode = OperandNode | CommandNode | ActionNode | TemplateNode;

/** Writes a node as Go does in its errors. */
export function describeNode(node: ErrorNode): GoString {
  switch (node.type) {
    case 'bool':
      return String(node.value);
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    case 'identifier':
      return node.name;
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return node.names.join('.');
    case 'chain':
      return [inParentheses(node.operand), ...node.names].join('.');
    case 'command':
      return node.args.map(inParentheses).join(' ');
    case 'pipe':
      return describePipe(node);
    case 'action':
      return `{{${describePipe(node.pipe)}}}`;
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${describePipe(node.pipe)}`}}}`;
  }
}

function inParentheses(node: OperandNode): GoString {
  return node.type === 'pipe' ? `(${describePipe(node)})` : describeNode(node);
}

function describePipe({ declarations, isAssignment, commands }: PipeNode): GoString {
  const names = declarations.map(describeNode).join(', ');
  const prefix = declarations.length === 0 ? '' : `${names} ${isAssignment ? '=' : ':='} `;
  return prefix + commands.map(describeNode).join(' | ');
}
