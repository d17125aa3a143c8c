import { quote, unquote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import { describeNode } from './node.ts';
import type { ChainNode, CommandNode, OperandNode, PipeNode, VariableNode } from './node.ts';
import { characterConstant, complexConstant, numberConstant } from './number.ts';
import type { TokenStream } from './token-stream.ts';
import type { Token, TokenKind } from './token.ts';

/** The variables that are known where the parser is, and how many parentheses are open. */
export interface Scope {
  readonly variables: GoString[];
  parenDepth: number;
}

/** How deep parentheses may be nested; Go allows 10,000, on a stack that grows. */
const PAREN_LIMIT = 200;

const TERMS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'char-constant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw-string',
  'string',
  'variable',
  'left-paren',
]);

/** Parses what stands inside of an action: pipelines, commands, operands. */
export class OperandParser {
  readonly #tokens: TokenStream;
  readonly #functionProblem: (name: GoString) => GoString | undefined;
  scope: Scope = { variables: ['$'], parenDepth: 0 };

  constructor(tokens: TokenStream, functionProblem: (name: GoString) => GoString | undefined) {
    this.#tokens = tokens;
    this.#functionProblem = functionProblem;
  }

  /** Reads a pipeline to its end, which is taken too. */
  pipeline(context: string, end: 'right-delim' | 'right-paren'): PipeNode {
    const { position } = this.#tokens.peekNonSpace();
    const { declarations, isAssignment } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.kind === end) break;
      if (!TERMS.has(token.kind)) this.#tokens.unexpected(token, context);
      this.#tokens.putBack(token);
      commands.push(this.#command());
    }
    this.#check(commands, context);
    return { type: 'pipe', position, declarations, isAssignment, commands };
  }

  #declarations(context: string): Pick<PipeNode, 'declarations' | 'isAssignment'> {
    const declarations: VariableNode[] = [];
    for (;;) {
      const variable = this.#tokens.peekNonSpace();
      if (variable.kind !== 'variable') return { declarations, isAssignment: false };
      this.#tokens.next();
      // A blank after the variable separates it from an argument; it has to come back if this is no declaration.
      const adjacent = this.#tokens.peek();
      const next = this.#tokens.nextNonSpace();
      const isLast = next.kind === 'assign' || next.kind === 'declare';
      if (!isLast && !(next.kind === 'char' && next.text === ',')) {
        this.#tokens.putBack(variable, ...(adjacent.kind === 'space' ? [adjacent] : []), next);
        return { declarations, isAssignment: false };
      }
      declarations.push({ type: 'variable', position: variable.position, names: [variable.text] });
      this.scope.variables.push(variable.text);
      if (isLast) return { declarations, isAssignment: next.kind === 'assign' };
      if (context !== 'range' || declarations.length > 1) this.#tokens.fail(`too many declarations in ${context}`);
      if (!['variable', 'right-delim', 'right-paren'].includes(this.#tokens.peekNonSpace().kind)) {
        this.#tokens.fail('range can only initialize variables');
      }
    }
  }

  #check(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    commands.forEach(({ args: [first] }, index) => {
      if (index > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes(first.type)) {
        this.#tokens.fail(`non executable command in pipeline stage ${index + 1}`);
      }
    });
  }

  #command(): CommandNode {
    const { position } = this.#tokens.peekNonSpace();
    const operands: OperandNode[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#tokens.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'right-delim' || token.kind === 'right-paren') this.#tokens.putBack(token);
      else if (token.kind !== 'pipe') this.#tokens.unexpected(token, 'operand');
      break;
    }
    const [first, ...rest] = operands;
    if (first === undefined) return this.#tokens.fail('empty command');
    return { type: 'command', position, args: [first, ...rest] };
  }

  #operand(): OperandNode | undefined {
    const node = this.#term();
    const next = this.#tokens.peek();
    if (node === undefined || next.kind !== 'field') return node;
    const { position } = next;
    const names: GoString[] = [];
    while (this.#tokens.peek().kind === 'field') names.push(this.#tokens.next().text.slice(1));
    switch (node.type) {
      case 'field':
      case 'variable':
        return { type: node.type, position, names: [...node.names, ...names] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#tokens.fail(`unexpected . after term ${quote(describeNode(node))}`);
      default:
        return { type: 'chain', position, operand: node, names } satisfies ChainNode;
    }
  }

  #term(): OperandNode | undefined {
    const token = this.#tokens.nextNonSpace();
    const { position, text } = token;
    switch (token.kind) {
      case 'identifier': {
        const problem = this.#functionProblem(text);
        if (problem !== undefined) this.#tokens.fail(problem);
        return { type: 'identifier', position, name: text };
      }
      case 'dot':
      case 'nil':
        return { type: token.kind, position };
      case 'variable':
        if (!this.scope.variables.includes(text)) this.#tokens.fail(`undefined variable ${quote(text)}`);
        return { type: 'variable', position, names: [text] };
      case 'field':
        return { type: 'field', position, names: [text.slice(1)] };
      case 'bool':
        return { type: 'bool', position, value: text === 'true' };
      case 'char-constant':
      case 'complex':
      case 'number':
        return this.#number(token);
      case 'left-paren':
        return this.#parenthesized();
      case 'string':
      case 'raw-string':
        return { type: 'string', position, quoted: text, text: unquote(text) ?? this.#tokens.fail('invalid syntax') };
      default:
        this.#tokens.putBack(token);
        return undefined;
    }
  }

  #parenthesized(): PipeNode {
    if (this.scope.parenDepth >= PAREN_LIMIT) this.#tokens.fail('max expression depth exceeded');
    this.scope.parenDepth += 1;
    const pipe = this.pipeline('parenthesized pipeline', 'right-paren');
    this.scope.parenDepth -= 1;
    return pipe;
  }

  #number({ kind, position, text }: Token): OperandNode {
    const number =
      kind === 'char-constant'
        ? characterConstant(text)
        : kind === 'complex'
          ? complexConstant(text)
          : numberConstant(text, quote(text));
    if ('problem' in number) return this.#tokens.fail(number.problem);
    return { type: 'number', position, text, number };
  }
}
