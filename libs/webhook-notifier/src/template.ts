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

/** What a template may see beside the notification. */
export interface TemplateOptions {
  /** What `now` in the template is by. Default: the machine's own clock. */
  readonly clock?: Clock | undefined;
  /** The variables that `env` and `expandenv` give, and `.Env` all of. Default: the two functions are refused, and `.Env` is empty. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Parses a template of the user's own and tries it.
 *
 * The template engine is loaded here, at the first template: a program that has none does without its memory.
 *
 * @throws {@link InvalidTemplateError} with the place and the reason.
 */
export async function compileWebhookTemplate(
  source: string,
  { clock = systemClock, env }: TemplateOptions = {},
): Promise<WebhookTemplate> {
  const { compileBody } = await import('./template-body.ts');
  return compileBody(source, { clock, env });
}

/**
 * Writes the body that a template gives for a notification, as text.
 *
 * @throws {@link InvalidTemplateError} when the template can't be used at all.
 * @throws {@link TemplateError} when it fails on this notification.
 */
export async function renderNotification(
  template: string,
  notification: WebhookNotification,
  options: TemplateOptions = {},
): Promise<string> {
  const { render } = await compileWebhookTemplate(template, options);
  return render(notification).toString();
}
