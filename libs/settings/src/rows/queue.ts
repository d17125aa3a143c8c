import { settingsAbout } from '../setting.ts';
import { boolean, choice } from '../types/choice.ts';
import { tag } from '../types/key-values.ts';
import { integer } from '../types/numbers.ts';
import { environmentProxyUrl, line, queueUrl, url } from '../types/text.ts';

const queueSetting = settingsAbout('Queue and AWS', 'queue-processor');
const setting = settingsAbout('Queue and AWS', 'imds-agent', 'queue-processor');

/** Where messages come from, and which of them concern this cluster. */
export const queueRows = [
  queueSetting({
    name: 'QUEUE_URL',
    type: queueUrl(),
    required: ['queue-processor'],
    description: 'The URL of the SQS queue to receive from.',
  }),
  queueSetting({
    name: 'QUEUE_RECEIVERS',
    type: integer({ min: 1, max: 64 }),
    default: 4,
    new: true,
    description: 'Long polls on the queue at the same time.',
  }),
  setting({
    name: 'AWS_REGION',
    type: line('the name of an AWS region, such as eu-central-1'),
    defaultText: 'from the instance metadata, else from the queue URL',
    description: 'The region of AWS API calls.',
  }),
  setting({
    name: 'AWS_ENDPOINT',
    type: url(),
    description: 'One endpoint for all AWS API calls, for tests.',
  }),
  setting({
    name: 'HTTPS_PROXY',
    alsoNamed: ['https_proxy'],
    type: environmentProxyUrl(),
    secret: true,
    description:
      'The HTTP proxy on the way to AWS, with user name and password if it asks for them. The instance metadata, the API server, the credentials of a container and the webhook are never called through it.',
  }),
  setting({
    name: 'HTTP_PROXY',
    alsoNamed: ['http_proxy'],
    type: environmentProxyUrl(),
    secret: true,
    description: 'The same for endpoints of AWS that begin with `http://`.',
  }),
  setting({
    name: 'NO_PROXY',
    alsoNamed: ['no_proxy'],
    type: line('hosts with commas between them'),
    description:
      'What of AWS is called without the proxy, as Go reads it: `foo.com` with its subdomains, `.foo.com` the subdomains alone, addresses, CIDR, each with a port or without; `*` for everything.',
  }),
  queueSetting({
    name: 'WORKERS',
    type: integer({ min: 1, max: 10_000 }),
    default: 100,
    description: 'Drains at the same time.',
  }),
  queueSetting({
    name: 'SQS_MSG_VISIBILITY_TIMEOUT_SEC',
    key: 'sqsMsgVisibilityTimeoutSeconds',
    type: integer({ min: 1, max: 119 }),
    default: 20,
    description:
      'Seconds for which a received message is hidden from other receivers; extended while work on it goes on.',
  }),
  queueSetting({
    name: 'DELETE_SQS_MSG_IF_NODE_NOT_FOUND',
    type: boolean(),
    default: false,
    description: 'Delete a message whose node is not in the cluster, in place of trying until the message is too old.',
  }),
  queueSetting({
    name: 'POISON_MESSAGES',
    type: choice('delete', 'leave'),
    new: true,
    defaultText: '`leave` when the queue has a redrive policy, else `delete`',
    description:
      'What to do with a message that cannot be parsed: delete it, or leave it to the redrive policy of the queue.',
  }),
  queueSetting({
    name: 'CHECK_TAG_BEFORE_DRAINING',
    deprecated: ['CHECK_ASG_TAG_BEFORE_DRAINING'],
    type: boolean(),
    default: true,
    description: 'Act on instances only that carry the tag `MANAGED_TAG`.',
  }),
  queueSetting({
    name: 'MANAGED_TAG',
    deprecated: ['MANAGED_ASG_TAG'],
    type: tag(),
    default: { key: 'aws-node-termination-handler/managed' },
    description: 'The tag that marks instances as this handler’s: its key, with any value, or key and value.',
  }),
] as const;
