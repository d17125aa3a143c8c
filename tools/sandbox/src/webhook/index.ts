export { startWebhookReceiver } from './receiver.ts';
export type { WebhookDelivery, WebhookReceiver, WebhookReceiverOptions } from './receiver.ts';
export { startProxy } from './proxy.ts';
export type { ProxyOptions, ProxyRequest, ProxySimulator } from './proxy.ts';
