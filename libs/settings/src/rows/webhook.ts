import { defineSetting } from '../setting.ts';
import { choices } from '../types/choice.ts';
import { headers } from '../types/key-values.ts';
import { line, verbatim } from '../types/text.ts';
import { proxyUrl, url } from '../types/url.ts';

const subject = 'Webhook';
const both = ['imds-agent', 'queue-processor'] as const;

/** Whom to tell over HTTP, when, and in which words. */
export const webhookRows = [
  defineSetting({
    name: 'WEBHOOK_URL',
    type: url(),
    secret: true,
    programs: both,
    subject,
    description: 'Where to POST a message about each interruption.',
  }),
  defineSetting({
    name: 'WEBHOOK_PROXY',
    type: proxyUrl(),
    secret: true,
    programs: both,
    subject,
    description: 'The HTTP proxy on the way there, with user name and password if it asks for them.',
  }),
  defineSetting({
    name: 'WEBHOOK_HEADERS',
    type: headers(),
    default: { 'Content-type': 'application/json' },
    secret: true,
    programs: both,
    subject,
    description: 'The headers of the request, as a JSON object of strings.',
  }),
  defineSetting({
    name: 'WEBHOOK_TEMPLATE',
    type: verbatim(),
    secret: true,
    programs: both,
    defaultText: 'a line of text as JSON',
    subject,
    description: 'The body of the request, as a Go template with sprig functions.',
  }),
  defineSetting({
    name: 'WEBHOOK_TEMPLATE_FILE',
    type: line('the path of a file'),
    programs: both,
    subject,
    description: 'A file that holds the template.',
  }),
  defineSetting({
    name: 'WEBHOOK_EVENTS',
    type: choices('received', 'cordoned', 'drained', 'failed', 'cancelled', 'uncordoned'),
    default: ['drained', 'failed'],
    programs: both,
    new: true,
    subject,
    description:
      'The moments to tell of. The Go handler tells once, when the work on a node has ended: `drained` (also when a cordon was all that was asked for) or `failed`.',
  }),
] as const;
