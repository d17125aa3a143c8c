import { linkSignals, onAbort, systemClock } from '@node-termination-handler/clock';
import { createHttpClient } from '@node-termination-handler/http-client';
import { bodyOf, bodyWarning } from './body.ts';
import type { Body } from './body.ts';
import { instanceIdOf } from './default-body.ts';
import { deliver } from './deliver.ts';
import type { Delivery, DeliveryRoute } from './deliver.ts';
import { WebhookDeliveryError } from './errors.ts';
import { createLanes } from './lanes.ts';
import type { WebhookNotification } from './notification.ts';
import { checkOptions } from './options.ts';
import type { DeliveryResult, WebhookNotifierOptions } from './options.ts';

/** Tells a webhook what happens, in the background. */
export interface WebhookNotifier extends AsyncDisposable {
  /** Takes a notification and returns at once; what becomes of it is told to `onResult`. Never throws. */
  notify(notification: WebhookNotification): void;
  /** Delivers what was taken as far as the deadline allows, drops the rest, and takes nothing more. Default deadline: 5000 ms. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

const CLOSE_DEADLINE_MS = 5000;

/** Notifications come in bursts: a connection waits so long for the next one, and no longer, before the receiver gives it up. */
const KEPT_FOR_MS = 1000;

/**
 * Starts a notifier.
 *
 * A preset or a template of the user's own is parsed, and tried on an event without content, before anything is sent.
 *
 * @throws {@link InvalidWebhookOptionError} when options can't be used; it lists all faults and none of the values.
 * @throws {@link InvalidTemplateError} when the template can't be used.
 */
export async function createWebhookNotifier(options: WebhookNotifierOptions): Promise<WebhookNotifier> {
  return startNotifier(await bodyOf(checkOptions(options), options), options);
}

/**
 * Tries what {@link createWebhookNotifier} would send, without sending anything, and says what a receiver would stumble over.
 *
 * @returns one sentence, `undefined` when nothing was found.
 * @throws as {@link createWebhookNotifier} does.
 */
export async function webhookWarning(options: WebhookNotifierOptions): Promise<string | undefined> {
  return bodyWarning(checkOptions(options), options);
}

// All state lives in closures: a notifier that somebody prints shows function names, and no secret.
function startNotifier(
  { render, options: checked }: Body,
  { clock = systemClock, signal, onResult, log }: Pick<WebhookNotifierOptions, 'clock' | 'signal' | 'onResult' | 'log'>,
): WebhookNotifier {
  const client = createHttpClient({ clock, keptForMs: KEPT_FOR_MS, proxy: () => checked.proxy });
  const giveUp = linkSignals([signal]);
  let isClosed = false;

  const tell = (result: DeliveryResult): void => {
    logResult(result, log);
    try {
      onResult?.(result);
    } catch {
      log?.('warn', 'the listener for webhook results threw', {});
    }
  };

  const work = async (notification: WebhookNotification): Promise<void> => {
    const route: DeliveryRoute = {
      clock,
      options: checked,
      client,
      onRetry: (error, attempt) =>
        log?.('debug', 'webhook attempt failed, trying again', {
          ...named(notification),
          attempt,
          error: error.message,
        }),
    };
    const delivery = await renderAndDeliver(render, notification, route, giveUp.signal);
    tell(
      'error' in delivery
        ? { outcome: 'failed', notification, ...delivery }
        : { outcome: 'delivered', notification, ...delivery },
    );
  };

  const lanes = createLanes({
    limit: checked.queueLimit,
    concurrency: checked.concurrency,
    laneOf,
    work,
  });

  const dropWaiting = (): void => {
    for (const notification of lanes.takeWaiting()) tell({ outcome: 'dropped', notification, reason: 'closed' });
  };
  const listener = onAbort(giveUp.signal, () => {
    isClosed = true;
    dropWaiting();
  });

  const close = async ({ deadlineMs = CLOSE_DEADLINE_MS } = {}): Promise<void> => {
    isClosed = true;
    using _deadline = clock.startTimer(deadlineMs, () => giveUp.abort());
    await lanes.idle();
    listener[Symbol.dispose]();
    giveUp[Symbol.dispose]();
    client.close();
  };

  return {
    notify(notification) {
      if (isClosed) tell({ outcome: 'dropped', notification, reason: 'closed' });
      else if (!lanes.add(notification)) tell({ outcome: 'dropped', notification, reason: 'queue-full' });
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** What is told of one instance keeps its order, with whatever event: what ends an alert must not pass by what opens it. */
function laneOf(notification: WebhookNotification): string {
  const { nodeName = '', eventId } = notification.event;
  return [instanceIdOf(notification), nodeName, eventId].find((name) => name !== '') ?? '';
}

async function renderAndDeliver(
  render: Body['render'],
  notification: WebhookNotification,
  route: DeliveryRoute,
  signal: AbortSignal,
): Promise<Delivery> {
  // A turn of the event loop first: rendering, too, is off the path of whoever calls `notify`.
  await new Promise(setImmediate);
  let body: Buffer;
  try {
    body = render(notification);
  } catch (cause) {
    const error = new WebhookDeliveryError('template', 'the template failed on this event', { cause });
    return { error, attempts: 0 };
  }
  return deliver(body, route, signal);
}

function logResult(result: DeliveryResult, log: WebhookNotifierOptions['log']): void {
  const fields = named(result.notification);
  switch (result.outcome) {
    case 'delivered': {
      const { statusCode: status_code, attempts } = result;
      return log?.('info', 'webhook notification sent', { ...fields, status_code, attempts });
    }
    case 'failed': {
      const { error, attempts } = result;
      // That it lasts is for whoever hears of all results.
      return log?.('debug', 'webhook notification failed', { ...fields, error: error.message, attempts });
    }
    case 'dropped':
      return log?.('warn', 'webhook notification dropped', { ...fields, reason: result.reason });
  }
}

function named({ event, phase }: WebhookNotification): Record<string, string> {
  return { event_id: event.eventId, node_name: event.nodeName ?? '', phase };
}
