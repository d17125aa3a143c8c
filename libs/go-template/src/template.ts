import { TemplateError } from './errors.ts';
import { Evaluator } from './exec/exec.ts';
import type { StructMethods } from './exec/fields.ts';
import { Execution } from './exec/state.ts';
import { parseTemplate } from './parse/parser.ts';
import type { Maybe } from './reflect/value.ts';
import { functionProblem, functionsFor } from './sprig/sprig.ts';
import { quote } from './strconv/quote.ts';
import type { GoTime } from './time/time.ts';
import { goString, textOf } from './unicode/utf8.ts';
import type { GoString } from './unicode/utf8.ts';

/** A parsed template. */
export interface Template {
  /**
   * Runs the template on some data.
   *
   * @returns the bytes it writes.
   * @throws {@link TemplateError}
   */
  execute(data: Maybe, surroundings: Surroundings): GoString;
}

/** What a template's run depends on beside its data. */
interface Surroundings {
  readonly now: () => GoTime;
  /** Methods of the structs in the data. */
  readonly structMethods?: StructMethods;
}

/**
 * Parses a Go template.
 *
 * @param name what errors call it.
 * @throws {@link TemplateError}
 * @see https://pkg.go.dev/text/template
 */
export async function compileTemplate(name: string, source: string): Promise<Template> {
  const bytes = goString(source);
  const goName = goString(name);
  const used = new Set<string>();
  const templates = guarded(name, 'parse', () =>
    parseTemplate(name, bytes, (word) => {
      used.add(word);
      return functionProblem(word);
    }),
  );
  const functions = await functionsFor(used);
  return {
    execute(data, { now, structMethods = new Map() }) {
      const execution = new Execution(goName, bytes, now);
      const main = templates.get(goName);
      if (main === undefined) return execution.fail(`${quote(goName)} is an incomplete or empty template`);
      guarded(name, 'execute', () => new Evaluator(execution, templates, { functions, structMethods }).run(main, data));
      return execution.output;
    },
  };
}

/** Whatever goes wrong is an error of the template: one that nests deeper than the stack goes, or finds a fault of this engine, too. */
function guarded<T>(name: string, phase: 'parse' | 'execute', run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    const reason = error instanceof RangeError ? 'is nested too deep or grows too large' : 'can not be handled';
    const message = textOf(`template: ${goString(name)}: template ${reason}`);
    throw new TemplateError(phase, { template: name, line: 1 }, message, { cause: error });
  }
}
