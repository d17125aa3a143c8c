import { compileTemplate, fromDate, TemplateError } from '@node-termination-handler/go-template';
import { eventMethods, eventValue } from './data/event-value.ts';
import { InvalidTemplateError } from './errors.ts';
import type { WebhookNotification } from './notification.ts';
import type { WebhookTemplate } from './webhook-template.ts';

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
    const template = await compileTemplate(TEMPLATE_NAME, source.toWellFormed());
    const render = (notification: WebhookNotification): Buffer => {
      const bytes = template.execute(eventValue(notification), {
        now: () => fromDate(new Date()),
        structMethods: eventMethods(notification),
      });
      return Buffer.from(bytes, 'latin1');
    };
    render(EMPTY);
    return { render };
  } catch (error) {
    throw error instanceof TemplateError ? new InvalidTemplateError(error) : error;
  }
}
