import { parseTemplate, sprigFunctions, TemplateError } from '@node-termination-handler/go-template/without-regex';
import type { FuncMap } from '@node-termination-handler/go-template/without-regex';
import { InvalidTemplateError } from './errors.ts';
import type { WebhookNotification } from './notification.ts';
import { templateData } from './template-data.ts';
import type { WebhookTemplate } from './template.ts';

/** What errors call the template: the name the incumbent gives it. */
const TEMPLATE_NAME = 'message';

/** What a template is tried on before it is used. */
const EMPTY: WebhookNotification = { phase: 'received', metadata: {}, event: { eventId: '', kind: '' } };

/**
 * Makes a renderer of a template.
 *
 * @throws {@link InvalidTemplateError} when it does not parse, or fails on an event without content.
 */
export async function compileBody(source: string): Promise<WebhookTemplate> {
  try {
    const template = await parseBody(source);
    template.render(EMPTY);
    return template;
  } catch (error) {
    throw error instanceof TemplateError ? new InvalidTemplateError(error) : error;
  }
}

/**
 * Makes a renderer of a template that has not been tried.
 *
 * @throws {@link TemplateError} when it does not parse.
 */
export async function parseBody(source: string): Promise<WebhookTemplate> {
  const template = parseTemplate(source, { name: TEMPLATE_NAME, funcs: await functionsFor(source) });
  return { render: (notification) => Buffer.from(template.executeBytes(templateData(notification)).buffer) };
}

/** The engine for regular expressions is loaded for a template that says `regexMatch`, `mustRegexFind` or their like. */
async function functionsFor(source: string): Promise<FuncMap> {
  if (!source.includes('egex')) return sprigFunctions();
  const complete = await import('./template-regex.ts');
  return complete.sprigFunctions();
}
