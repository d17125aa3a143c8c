import { settingsAbout } from '../setting.ts';
import { choice, choices } from '../types/choice.ts';
import { headers, variableNames } from '../types/key-values.ts';
import { line, proxyUrl, url, verbatim } from '../types/text.ts';

const setting = settingsAbout('Webhook', 'imds-agent', 'queue-processor');

/** Whom to tell over HTTP, when, and in which words. */
export const webhookRows = [
  setting({
    name: 'WEBHOOK_URL',
    type: url(),
    secret: true,
    description: 'Where to POST a message about each interruption.',
  }),
  setting({
    name: 'WEBHOOK_PROXY',
    type: proxyUrl(),
    secret: true,
    description: 'The HTTP proxy on the way there, with user name and password if it asks for them.',
  }),
  setting({
    name: 'WEBHOOK_HEADERS',
    type: headers(),
    default: { 'Content-type': 'application/json' },
    secret: true,
    description: 'The headers of the request, as a JSON object of strings.',
  }),
  setting({
    name: 'WEBHOOK_TEMPLATE',
    type: verbatim(),
    secret: true,
    defaultText: 'a line of text as JSON',
    description: 'The body of the request, as a Go template with sprig functions.',
  }),
  setting({
    name: 'WEBHOOK_TEMPLATE_FILE',
    type: line('the path of a file'),
    description: 'A file that holds the template.',
  }),
  setting({
    name: 'WEBHOOK_PRESET',
    type: choice('slack', 'teams', 'pagerduty', 'opsgenie', 'discord', 'google-chat', 'alertmanager', 'cloudevents'),
    new: true,
    description:
      'The receiver whose body, with its `Content-type`, is sent in place of a template. PagerDuty’s key is the `routing_key` of the URL, Opsgenie’s stands in `WEBHOOK_HEADERS`.',
  }),
  setting({
    name: 'WEBHOOK_TEMPLATE_ENV',
    type: variableNames(),
    default: [],
    new: true,
    description:
      'The environment variables that `env` and `expandenv` in a template may read, and that presets show: the name of the cluster, for instance. All others are refused.',
  }),
  setting({
    name: 'WEBHOOK_EVENTS',
    type: choices('received', 'cordoned', 'overdue', 'drained', 'failed', 'cancelled', 'uncordoned'),
    default: ['drained', 'failed'],
    new: true,
    description:
      'The moments to tell of. The Go handler tells once, when the work on a node has ended: `drained` (also when a cordon was all that was asked for) or `failed`. Each is told once for a node, though several events ask for it; `received` for each event.',
  }),
] as const;
