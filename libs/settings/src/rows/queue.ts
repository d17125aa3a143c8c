import { defineSetting } from '../setting.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';
import { integer } from '../types/numbers.ts';
import { line } from '../types/text.ts';
import { url } from '../types/url.ts';

const subject = 'Queue and AWS';
const queue = ['queue-processor'] as const;
const both = ['imds-agent', 'queue-processor'] as const;

/** Where messages come from, and which of them concern this cluster. */
export const queueRows = [
  defineSetting({
    name: 'QUEUE_URL',
    type: url(),
    programs: queue,
    required: queue,
    subject,
    description: 'The URL of the SQS queue to receive from.',
  }),
  defineSetting({
    name: 'QUEUE_RECEIVERS',
    type: integer({ min: 1, max: 64 }),
    default: 4,
    programs: queue,
    new: true,
    subject,
    description: 'Long polls on the queue at the same time.',
  }),
  defineSetting({
    name: 'AWS_REGION',
    type: line('the name of an AWS region, such as eu-central-1'),
    programs: both,
    defaultText: 'from the instance metadata, else from the queue URL',
    subject,
    description: 'The region of AWS API calls.',
  }),
  defineSetting({
    name: 'AWS_ENDPOINT',
    type: url(),
    programs: both,
    subject,
    description: 'One endpoint for all AWS API calls, for tests.',
  }),
  defineSetting({
    name: 'WORKERS',
    type: integer({ min: 1, max: 10_000 }),
    default: 100,
    programs: queue,
    subject,
    description: 'Drains at the same time.',
  }),
  defineSetting({
    name: 'SQS_MSG_VISIBILITY_TIMEOUT_SEC',
    key: 'sqsMsgVisibilityTimeoutSeconds',
    type: integer({ min: 1, max: 119 }),
    default: 20,
    programs: queue,
    subject,
    description:
      'Seconds for which a received message is hidden from other receivers; extended while work on it goes on.',
  }),
  defineSetting({
    name: 'DELETE_SQS_MSG_IF_NODE_NOT_FOUND',
    type: boolean(),
    default: false,
    programs: queue,
    subject,
    description: 'Delete a message whose node is not in the cluster, in place of trying until the message is too old.',
  }),
  defineSetting({
    name: 'POISON_MESSAGES',
    type: choice('delete', 'leave'),
    programs: queue,
    new: true,
    defaultText: '`leave` when the queue has a redrive policy, else `delete`',
    subject,
    description:
      'What to do with a message that cannot be parsed: delete it, or leave it to the redrive policy of the queue.',
  }),
  defineSetting({
    name: 'CHECK_TAG_BEFORE_DRAINING',
    deprecated: ['CHECK_ASG_TAG_BEFORE_DRAINING'],
    type: boolean(),
    default: true,
    programs: queue,
    subject,
    description: 'Act on instances only that carry the tag `MANAGED_TAG`.',
  }),
  defineSetting({
    name: 'MANAGED_TAG',
    deprecated: ['MANAGED_ASG_TAG'],
    type: line('the key of a tag'),
    default: 'aws-node-termination-handler/managed',
    programs: queue,
    subject,
    description: 'The key of the tag that marks instances as this handler’s.',
  }),
] as const;
