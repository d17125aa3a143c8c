import { throttlingErrors } from '@node-termination-handler/sandbox';
import type { AwsCall, AwsService, FaultRule, Misbehaviour } from '@node-termination-handler/sandbox';
import type { Allowance } from '../invariants/allowance.ts';
import { PROCESSOR } from './fault.ts';
import type { Area, Fault } from './fault.ts';

/** What a fault does to which calls of a service. */
interface AwsFault extends Pick<FaultRule<AwsCall>, 'delayMs' | 'misbehaviour' | 'probability'> {
  readonly name: string;
  readonly service: AwsService;
  /** Default: all of the service's. */
  readonly actions?: readonly string[];
  readonly boundSeconds?: number;
  readonly boundBecause?: string;
  readonly allowance?: Allowance;
}

const areas: Readonly<Record<AwsService, Area>> = {
  sqs: 'SQS',
  ec2: 'EC2',
  autoscaling: 'Auto Scaling',
  unknown: 'SQS',
};

function aws({ name, service, actions, boundSeconds, boundBecause, allowance, ...effect }: AwsFault): Fault {
  const matches = (call: AwsCall): boolean =>
    call.service === service && (actions === undefined || actions.includes(call.action));
  return {
    area: areas[service],
    name,
    programs: PROCESSOR,
    ...(boundSeconds !== undefined && { boundSeconds }),
    ...(boundBecause !== undefined && { boundBecause }),
    ...(allowance !== undefined && { allowance }),
    begin: ({ sandbox }) => sandbox.aws.faults.add({ matches, ...effect }),
  };
}

const error = (code: string, status: number, message = code): Misbehaviour => ({
  kind: 'error',
  code,
  status,
  message,
});
const hang: Misbehaviour = { kind: 'hang' };
const resetBefore: Misbehaviour = { kind: 'reset', when: 'before' };
const resetAfter: Misbehaviour = { kind: 'reset', when: 'after' };
const half: Misbehaviour = { kind: 'half-body' };

const deletions = ['DeleteMessage', 'DeleteMessageBatch', 'ChangeMessageVisibility', 'ChangeMessageVisibilityBatch'];
const aHungCall = {
  boundSeconds: 20,
  boundBecause: 'a call that hangs is given up after some seconds, and tried again after a pause',
};
const doneAndNotHeard = {
  allowance: { repeats: true },
};

/** What goes wrong with SQS. */
export const queueFaults: readonly Fault[] = [
  {
    area: 'SQS',
    name: 'refuses connections',
    programs: PROCESSOR,
    begin: async ({ sandbox }) => {
      await sandbox.aws.pause();
      return () => sandbox.aws.resume();
    },
  },
  aws({ name: 'answers 503', service: 'sqs', misbehaviour: error('ServiceUnavailable', 503) }),
  aws({ name: 'answers 500', service: 'sqs', misbehaviour: error('InternalError', 500) }),
  aws({ name: 'throttles', service: 'sqs', misbehaviour: throttlingErrors.sqs }),
  aws({ name: 'takes 1.5 s for each answer', service: 'sqs', delayMs: 1500 }),
  aws({
    name: 'hangs',
    service: 'sqs',
    misbehaviour: hang,
    boundSeconds: 35,
    boundBecause:
      'a long poll that hangs looks like one that waits for a message: it is given up some seconds after its 20',
  }),
  aws({ name: 'resets connections', service: 'sqs', misbehaviour: resetBefore }),
  aws({ name: 'does what it is asked, and resets', service: 'sqs', misbehaviour: resetAfter, ...doneAndNotHeard }),
  aws({ name: 'sends half of its answers', service: 'sqs', misbehaviour: half, ...doneAndNotHeard }),
  aws({ name: 'refuses expired credentials', service: 'sqs', misbehaviour: error('ExpiredToken', 403) }),
  aws({ name: 'denies access', service: 'sqs', misbehaviour: error('AccessDenied', 403) }),
  aws({
    name: 'says that receipt handles have expired',
    service: 'sqs',
    actions: deletions,
    misbehaviour: error('ReceiptHandleIsInvalid', 400, 'The input receipt handle is invalid.'),
    ...doneAndNotHeard,
  }),
];

/** Each entity is ten of the one before: expanded, this is a gigabyte. */
const ENTITIES = Array.from({ length: 9 }, (_, index) => {
  const body = index === 0 ? 'lol' : `&e${index - 1};`.repeat(10);
  return `<!ENTITY e${index} "${body}">`;
}).join('');

/** What goes wrong with EC2. */
export const instanceFaults: readonly Fault[] = [
  aws({
    name: 'sends XML entities that grow (a fake endpoint)',
    service: 'ec2',
    misbehaviour: {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<?xml version="1.0"?><!DOCTYPE r [${ENTITIES}]><DescribeInstancesResponse><reservationSet>&e8;</reservationSet></DescribeInstancesResponse>`,
    },
  }),
  aws({ name: 'throttles', service: 'ec2', misbehaviour: throttlingErrors.ec2 }),
  aws({ name: 'answers 500', service: 'ec2', misbehaviour: error('InternalError', 500) }),
  aws({ name: 'denies access', service: 'ec2', misbehaviour: error('UnauthorizedOperation', 403) }),
  aws({ name: 'takes 1.5 s for each answer', service: 'ec2', delayMs: 1500 }),
  aws({ name: 'hangs', service: 'ec2', misbehaviour: hang, ...aHungCall }),
  aws({ name: 'resets connections', service: 'ec2', misbehaviour: resetBefore }),
  aws({ name: 'sends half of its answers', service: 'ec2', misbehaviour: half }),
  aws({
    name: 'sends pages with nothing on them',
    service: 'ec2',
    misbehaviour: {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body:
        '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet/>' +
        `<nextToken>${Buffer.from('page-0').toString('base64url')}</nextToken></DescribeInstancesResponse>`,
    },
  }),
];

/** What goes wrong with Auto Scaling. */
export const groupFaults: readonly Fault[] = [
  aws({ name: 'throttles', service: 'autoscaling', misbehaviour: throttlingErrors.autoscaling }),
  aws({ name: 'answers 500', service: 'autoscaling', misbehaviour: error('InternalFailure', 500) }),
  aws({
    name: 'refuses completions (ValidationError)',
    service: 'autoscaling',
    misbehaviour: error('ValidationError', 400, 'The instance is not in a state in which this can be done'),
    boundSeconds: 15,
    boundBecause: 'a refusal is not tried again at once: the message comes back after five seconds',
  }),
  aws({ name: 'takes 1.5 s for each answer', service: 'autoscaling', delayMs: 1500 }),
  aws({ name: 'hangs', service: 'autoscaling', misbehaviour: hang, ...aHungCall }),
  aws({ name: 'resets connections', service: 'autoscaling', misbehaviour: resetBefore }),
  aws({
    name: 'does what it is asked, and resets',
    service: 'autoscaling',
    misbehaviour: resetAfter,
    ...doneAndNotHeard,
  }),
];
