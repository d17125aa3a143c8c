import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { repositoryFiles, root } from '../workspace.ts';
import { LEVELS, LOG_PAGE, pageWith } from './log-page.ts';
import type { LogLine } from './log-page.ts';

type Level = LogLine['level'];

/** What {@link logLines} finds in a file. */
interface Found {
  readonly lines: readonly LogLine[];
  /** Messages that cannot be read where they are logged, as the file and the expression. */
  readonly unread: readonly string[];
}

/**
 * Messages that are put together elsewhere; each of these places is read by a rule of its own below.
 *
 * A message that is none of these, and that cannot be read, has no line in docs/logs.md: that is a finding.
 */
const READ_ELSEWHERE: ReadonlySet<string> = new Set([
  // Settings that are wrong, or that mean nothing: the list of warnings.
  'libs/runtime/src/run-program.ts: warning',
  // The sentence that a start ends with; docs/logs.md has a section on those.
  'libs/runtime/src/run-program.ts: errorText(failure)',
  // Steps: `level` and `message` of steps.ts. And what webhook-notifier says through the runtime: its own calls.
  'libs/runtime/src/telling/telling.ts: message',
  'libs/runtime/src/telling/webhook.ts: message',
  'libs/runtime/src/telling/steps.ts: message',
  'libs/runtime/src/telling/drain-steps.ts: message',
  // `failing` and `over` of whatever lasts.
  'libs/runtime/src/telling/lasting-failure.ts: failing',
  'libs/runtime/src/telling/lasting-failure.ts: over',
  'libs/runtime/src/watch-dependency.ts: failing',
  'libs/runtime/src/watch-dependency.ts: over',
  // The notices of imds-client.
  'apps/imds-agent/src/own-instance.ts: message',
  // How a message ended: `level` and `text` of tell.ts.
  'apps/queue-processor/src/tell.ts: text',
  // `onWarning` and `warning` of the queue-processor.
  'apps/queue-processor/src/tell.ts: message',
  'apps/queue-processor/src/main.ts: message',
  'apps/queue-processor/src/groups/hold-action.ts: message',
  'apps/queue-processor/src/groups/launch.ts: message',
  'apps/queue-processor/src/message/process-event.ts: check.warning',
  // `action` of the step `completed`.
  'libs/runtime/src/telling/steps.ts: action',
]);

/** Every line that the programs can write, each once, and the places whose message nothing here reads. */
export async function logLines(): Promise<Found> {
  const files = (await repositoryFiles('*.ts')).filter((file) => /^(apps|libs)\/[^/]+\/src\//.test(file));
  const found = files
    .filter((file) => !/\.(test|bench)\.ts$|\/testing\//.test(file))
    .map((file) => linesOf(file, readFileSync(path.join(root, file), 'utf8')));
  const worst = new Map<string, LogLine>();
  for (const line of found.flatMap(({ lines }) => lines)) {
    const known = worst.get(line.text);
    if (known === undefined || LEVELS.indexOf(line.level) < LEVELS.indexOf(known.level)) worst.set(line.text, line);
  }
  const unread = found.flatMap((each) => each.unread).filter((place) => !READ_ELSEWHERE.has(place));
  return { lines: [...worst.values()], unread };
}

/** The lines of one file. Pure. */
export function linesOf(file: string, source: string): Found {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const lines: LogLine[] = [];
  const unread: string[] = [];
  const take = (level: Level, message: ts.Expression | undefined): void => {
    if (message === undefined) return;
    const texts = textsOf(message, tree);
    if (texts === undefined) unread.push(`${file}: ${message.getText()}`);
    for (const text of texts ?? []) lines.push({ level, text, file });
  };
  /** Level and message that hang on one condition belong together. */
  const takeStep = (level: ts.Expression, message: ts.Expression | undefined): void => {
    const isPaired =
      ts.isConditionalExpression(level) &&
      message !== undefined &&
      ts.isConditionalExpression(message) &&
      level.condition.getText() === message.condition.getText();
    if (!isPaired) {
      take(worstOf(level, tree) ?? 'error', message);
      return;
    }
    take(worstOf(level.whenTrue, tree) ?? 'error', message.whenTrue);
    take(worstOf(level.whenFalse, tree) ?? 'error', message.whenFalse);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = calledLevel(node, tree);
      if (called !== undefined) take(called, messageOf(node));
      else if (isWarning(node, file)) take('warn', node.arguments[0]);
    }
    if (ts.isObjectLiteralExpression(node)) {
      const property = (name: string) => valueOf(node, name);
      const level = property('level');
      if (property('failing') !== undefined && property('over') !== undefined) {
        take(worstOf(level, tree) ?? 'warn', property('failing'));
        take('info', property('over'));
      }
      if (/\/(?:drain-)?steps\.ts$/.test(file) && level !== undefined) takeStep(level, property('message'));
      if (file.endsWith('/tell.ts') && level !== undefined)
        take(worstOf(level, tree) ?? 'error', literalOf(property('text')));
      if (file.startsWith('libs/imds-client/') && property('kind') !== undefined) take('warn', property('message'));
      if (file.startsWith('apps/queue-processor/')) take('warn', readable(property('warning')));
      if (file.startsWith('apps/') && property('type')?.getText() === "'completed'")
        take('info', readable(property('action')));
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { lines, unread };
}

/** What is handed on from a text that stands elsewhere is none. */
function literalOf(value: ts.Expression | undefined): ts.Expression | undefined {
  return value !== undefined && ts.isStringLiteralLike(value) ? value : undefined;
}

/** A function that takes a warning is no text of one. */
function readable(value: ts.Expression | undefined): ts.Expression | undefined {
  return value !== undefined && ts.isArrowFunction(value) ? undefined : value;
}

/** The level of a call of a logger: `log.warn(…)`, `log[level](…)` or `log?.('warn', …)`. */
function calledLevel({ expression, arguments: given }: ts.CallExpression, tree: ts.SourceFile): Level | undefined {
  if (ts.isPropertyAccessExpression(expression) && /\blog$/.test(expression.expression.getText()))
    return LEVELS.find((level) => level === expression.name.text);
  if (ts.isElementAccessExpression(expression) && /\blog$/.test(expression.expression.getText()))
    return worstOf(expression.argumentExpression, tree) ?? 'error';
  return expression.getText() === 'log' ? worstOf(given[0], tree) : undefined;
}

/** The message of a call: the text, after the fields where there are some. */
function messageOf({ expression, arguments: given }: ts.CallExpression): ts.Expression | undefined {
  return given[expression.getText() === 'log' || given.length > 1 ? 1 : 0];
}

/** Warnings on their way to a log: of the settings, and of the queue-processor's parts. */
function isWarning({ expression }: ts.CallExpression, file: string): boolean {
  const called = expression.getText();
  if (file.startsWith('libs/settings/')) return called === 'warnings.push';
  return file.startsWith('apps/queue-processor/') && /\b(?:onWarning|teller\.warning)$/.test(called);
}

function worstOf(level: ts.Expression | undefined, tree: ts.SourceFile): Level | undefined {
  const levels = level === undefined ? [] : (textsOf(level, tree) ?? []);
  return LEVELS.find((each) => levels.includes(each));
}

function valueOf(literal: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of literal.properties) {
    if (property.name?.getText() !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return undefined;
}

/** Every text that an expression can be, with `…` for what is put in; `undefined` for one that says nothing of its text. */
function textsOf(expression: ts.Expression, tree: ts.SourceFile): readonly string[] | undefined {
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isParenthesizedExpression(expression)) return textsOf(expression.expression, tree);
  if (ts.isTemplateExpression(expression)) return [templateText(expression, tree)].flat();
  if (ts.isConditionalExpression(expression)) return both(expression.whenTrue, expression.whenFalse, tree);
  if (ts.isIdentifier(expression)) return declaredTexts(expression, tree);
  if (ts.isElementAccessExpression(expression)) return tableTexts(expression.expression.getText(), tree);
  if (ts.isCallExpression(expression)) return returnedTexts(expression.expression.getText(), tree);
  return undefined;
}

/** What stands in a template is written out where it is one of a few words, and is `…` else. */
function templateText({ head, templateSpans }: ts.TemplateExpression, tree: ts.SourceFile): readonly string[] {
  let texts: readonly string[] = [head.text];
  for (const { expression, literal } of templateSpans) {
    const words = ts.isConditionalExpression(expression) ? (textsOf(expression, tree) ?? ['…']) : ['…'];
    texts = texts.flatMap((text) => words.map((word) => `${text}${word}${literal.text}`));
  }
  return texts;
}

function both(one: ts.Expression, other: ts.Expression, tree: ts.SourceFile): readonly string[] | undefined {
  const texts = [textsOf(one, tree), textsOf(other, tree)];
  return texts.every((each) => each !== undefined) ? texts.flat() : undefined;
}

/** The texts of the variable of that name that was declared last before. */
function declaredTexts({ text: name, pos }: ts.Identifier, tree: ts.SourceFile): readonly string[] | undefined {
  const declared = nodesOf(tree, ts.isVariableDeclaration).findLast(
    (each) => each.name.getText() === name && each.pos < pos,
  );
  return declared?.initializer === undefined ? undefined : textsOf(declared.initializer, tree);
}

/** The texts of a table, such as `HELD[kind]`. */
function tableTexts(name: string, tree: ts.SourceFile): readonly string[] | undefined {
  const [table] = nodesOf(tree, ts.isVariableDeclaration).filter((each) => each.name.getText() === name);
  if (table?.initializer === undefined || !ts.isObjectLiteralExpression(table.initializer)) return undefined;
  return table.initializer.properties.flatMap((row) =>
    ts.isPropertyAssignment(row) ? (textsOf(row.initializer, tree) ?? []) : [],
  );
}

/** The texts that a function of the file returns. */
function returnedTexts(name: string, tree: ts.SourceFile): readonly string[] | undefined {
  const [called] = nodesOf(tree, ts.isFunctionDeclaration).filter((each) => each.name?.text === name);
  if (called?.body === undefined) return undefined;
  return nodesOf(called.body, ts.isReturnStatement).flatMap(({ expression }) =>
    expression === undefined ? [] : (textsOf(expression, tree) ?? []),
  );
}

function nodesOf<T extends ts.Node>(within: ts.Node, is: (node: ts.Node) => node is T): readonly T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(within);
  return found;
}

// What was said of a line stays with it; a new one is to be explained by hand.
if (import.meta.main) {
  const file = path.join(root, LOG_PAGE);
  const { lines } = await logLines();
  writeFileSync(file, pageWith(lines, readFileSync(file, 'utf8')));
}
