export { DEFAULT_TEMPLATE, defaultBody } from './default-body.ts';
export { InvalidTemplateError, InvalidWebhookOptionError, WebhookDeliveryError } from './errors.ts';
export type { DeliveryFailure, OptionProblem } from './errors.ts';
export type {
  NotificationEvent,
  NotificationMetadata,
  NotificationOutcome,
  NotificationPhase,
  WebhookNotification,
} from './notification.ts';
export { createWebhookNotifier, webhookWarning } from './notifier.ts';
export type { WebhookNotifier } from './notifier.ts';
export { WEBHOOK_DEFAULTS } from './options.ts';
export type { DeliveryResult, WebhookLog, WebhookNotifierOptions } from './options.ts';
export type { PresetName } from './presets/presets.ts';
export { TemplateError } from '@node-termination-handler/go-template/errors';
export type { TemplatePosition } from '@node-termination-handler/go-template/errors';
export { compileWebhookTemplate, renderNotification } from './template.ts';
export type { TemplateOptions, WebhookTemplate } from './template.ts';
