import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import type { WebhookNotification } from './notification.ts';

/** A template that parses and has been tried on an event without content. */
export interface WebhookTemplate {
  /**
   * Writes the body for a notification, byte for byte what Go's `text/template` and sprig write.
   *
   * @throws {@link TemplateError} when the template fails on this event.
   */
  readonly render: (notification: WebhookNotification) => Buffer;
}

/**
 * Parses a template of the user's own and tries it.
 *
 * The template engine is loaded here, at the first template: a program that has none does without its memory.
 *
 * @param clock what `now` in the template is by. Default: the machine's own clock.
 * @throws {@link InvalidTemplateError} with the place and the reason.
 */
export async function compileWebhookTemplate(source: string, clock: Clock = systemClock): Promise<WebhookTemplate> {
  const { compileBody } = await import('./template-body.ts');
  return compileBody(source, clock);
}

/**
 * Writes the body that a template gives for a notification, as text.
 *
 * @throws {@link InvalidTemplateError} when the template can't be used at all.
 * @throws {@link TemplateError} when it fails on this notification.
 */
export async function renderNotification(template: string, notification: WebhookNotification): Promise<string> {
  const { render } = await compileWebhookTemplate(template);
  return render(notification).toString();
}
