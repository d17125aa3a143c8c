import { quote, unquote } from '../strconv/quote.ts';
import type { GoString } from '../unicode/utf8.ts';
import type { Delimiters } from './lexer.ts';
import type { BranchNode, ContentNode, ListNode, PipeNode, TemplateNode } from './node.ts';
import { OperandParser } from './pipeline.ts';
import type { Scope } from './pipeline.ts';
import { TokenStream } from './token-stream.ts';
import type { Token } from './token.ts';

/** The templates of one source by name: the main one, and those it defines. */
export type TemplateSet = ReadonlyMap<GoString, ListNode>;

/** How deep actions may be nested; Go has no limit, but a stack that grows. */
const NESTING_LIMIT = 200;

/**
 * Parses a template.
 *
 * @param functionProblem tells what keeps the template from calling a function of that name.
 * @throws {@link TemplateError} of phase `parse`.
 */
export function parse(
  name: GoString,
  source: GoString,
  delims: Delimiters,
  functionProblem: (name: GoString) => GoString | undefined,
): TemplateSet {
  return new Parser(new TokenStream(name, source, delims), functionProblem).parse(name);
}

/** What closes a list of content: its end, or an else with the `if` or `with` that follows it at once. */
interface Closing {
  readonly action: 'end' | 'else';
  readonly chained: 'if' | 'with' | undefined;
}

const CLOSING_TEXT = { end: '{{end}}', else: '{{else}}' } as const;

class Parser {
  readonly #tokens: TokenStream;
  readonly #operands: OperandParser;
  readonly #templates = new Map<GoString, ListNode>();
  #rangeDepth = 0;
  #nesting = 0;

  constructor(tokens: TokenStream, functionProblem: (name: GoString) => GoString | undefined) {
    this.#tokens = tokens;
    this.#operands = new OperandParser(tokens, functionProblem);
  }

  parse(name: GoString): TemplateSet {
    const nodes: ContentNode[] = [];
    while (this.#tokens.peek().kind !== 'eof') {
      if (this.#readDefinition()) continue;
      const node = this.#content();
      if ('action' in node) this.#tokens.fail(`unexpected ${CLOSING_TEXT[node.action]}`);
      nodes.push(node);
    }
    this.#add(name, { nodes });
    return this.#templates;
  }

  #readDefinition(): boolean {
    const delimiter = this.#tokens.peek();
    if (delimiter.kind !== 'left-delim') return false;
    this.#tokens.next();
    const keyword = this.#tokens.nextNonSpace();
    if (keyword.kind !== 'define') {
      this.#tokens.putBack(delimiter, keyword);
      return false;
    }
    const name = this.#templateName(this.#tokens.expect(['string', 'raw-string'], 'define clause'), 'define clause');
    this.#tokens.expect(['right-delim'], 'define clause');
    this.#add(
      name,
      this.#separately((problem) => this.#tokens.fail(`${problem} in define clause`)),
    );
    return true;
  }

  /** Reads the content of a definition or block: a template of its own, which shares no variable and no loop. */
  #separately(fail: (problem: GoString) => never): ListNode {
    const scope = this.#operands.scope;
    const rangeDepth = this.#rangeDepth;
    const { actionLine } = this.#tokens;
    this.#operands.scope = { variables: ['$'], parenDepth: 0 } satisfies Scope;
    this.#rangeDepth = 0;
    this.#tokens.actionLine = 0;
    const { list, closing } = this.#list();
    if (closing.action !== 'end') fail(`unexpected ${CLOSING_TEXT[closing.action]}`);
    this.#operands.scope = scope;
    this.#rangeDepth = rangeDepth;
    this.#tokens.actionLine = actionLine;
    return list;
  }

  #add(name: GoString, list: ListNode): void {
    const existing = this.#templates.get(name);
    if (existing === undefined || isEmpty(existing)) this.#templates.set(name, list);
    else if (!isEmpty(list)) this.#tokens.fail(`template: multiple definition of template ${quote(name)}`);
  }

  #list(): { readonly list: ListNode; readonly closing: Closing } {
    this.#nesting += 1;
    if (this.#nesting > NESTING_LIMIT) this.#tokens.fail('actions are nested too deep');
    const nodes: ContentNode[] = [];
    while (this.#tokens.peekNonSpace().kind !== 'eof') {
      const node = this.#content();
      if ('action' in node) {
        this.#nesting -= 1;
        return { list: { nodes }, closing: node };
      }
      nodes.push(node);
    }
    return this.#tokens.fail('unexpected EOF');
  }

  #content(): ContentNode | Closing {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === 'text') return { type: 'text', position: token.position, text: token.text };
    if (token.kind !== 'left-delim') return this.#tokens.unexpected(token, 'input');
    this.#tokens.actionLine = token.line;
    const node = this.#action();
    this.#tokens.actionLine = 0;
    return node;
  }

  #action(): ContentNode | Closing {
    const token = this.#tokens.nextNonSpace();
    switch (token.kind) {
      case 'block':
        return this.#block();
      case 'break':
      case 'continue':
        return this.#loopExit(token, token.kind);
      case 'else':
        return this.#else();
      case 'end':
        this.#tokens.expect(['right-delim'], 'end');
        return { action: 'end', chained: undefined };
      case 'if':
      case 'range':
      case 'with':
        return this.#branch(token.kind);
      case 'template':
        return this.#template();
      default: {
        this.#tokens.putBack(token);
        const pipe = this.#operands.pipeline('command', 'right-delim');
        return { type: 'action', position: token.position, pipe };
      }
    }
  }

  #loopExit(token: Token, type: 'break' | 'continue'): ContentNode {
    const after = this.#tokens.nextNonSpace();
    if (after.kind !== 'right-delim') this.#tokens.unexpected(after, `{{${type}}}`);
    if (this.#rangeDepth === 0) this.#tokens.fail(`{{${type}}} outside {{range}}`);
    return { type, position: token.position };
  }

  #else(): Closing {
    const { kind } = this.#tokens.peekNonSpace();
    if (kind === 'if' || kind === 'with') return { action: 'else', chained: kind };
    this.#tokens.expect(['right-delim'], 'else');
    return { action: 'else', chained: undefined };
  }

  #branch(type: BranchNode['type']): BranchNode {
    const { scope } = this.#operands;
    const declared = scope.variables.length;
    const pipe = this.#operands.pipeline(type, 'right-delim');
    if (type === 'range') this.#rangeDepth += 1;
    const { list, closing } = this.#list();
    if (type === 'range') this.#rangeDepth -= 1;
    const elseList = closing.action === 'else' ? this.#elseList(type, closing) : undefined;
    scope.variables.length = declared;
    return { type, position: pipe.position, pipe, list, elseList };
  }

  #elseList(type: BranchNode['type'], { chained }: Closing): ListNode {
    if (chained !== undefined && chained === type) {
      this.#tokens.nextNonSpace();
      this.#nesting += 1;
      if (this.#nesting > NESTING_LIMIT) this.#tokens.fail('actions are nested too deep');
      const node = this.#branch(chained);
      this.#nesting -= 1;
      return { nodes: [node] };
    }
    const { list, closing } = this.#list();
    if (closing.action !== 'end') this.#tokens.fail(`expected end; found ${CLOSING_TEXT[closing.action]}`);
    return list;
  }

  #block(): TemplateNode {
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, 'block clause');
    const pipe = this.#operands.pipeline('block clause', 'right-delim');
    // Go's error is one of the template around the block, which has read nothing since the block began.
    const { lastLine } = this.#tokens;
    this.#add(
      name,
      this.#separately((problem) => this.#tokens.fail(`${problem} in block clause`, lastLine)),
    );
    return { type: 'template', position: token.position, name, pipe };
  }

  #template(): TemplateNode {
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, 'template clause');
    const next = this.#tokens.nextNonSpace();
    let pipe: PipeNode | undefined;
    if (next.kind !== 'right-delim') {
      this.#tokens.putBack(next);
      pipe = this.#operands.pipeline('template clause', 'right-delim');
    }
    return { type: 'template', position: token.position, name, pipe };
  }

  #templateName(token: Token, context: string): GoString {
    if (token.kind !== 'string' && token.kind !== 'raw-string') return this.#tokens.unexpected(token, context);
    return unquote(token.text) ?? this.#tokens.fail('invalid syntax');
  }
}

/** Whether there is nothing but blanks: such a template replaces no other of its name. */
function isEmpty({ nodes }: ListNode): boolean {
  return nodes.every((node) => node.type === 'text' && /^[ \t\n\v\f\r\x85\xa0]*$/.test(node.text));
}
