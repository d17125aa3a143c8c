import { throttlingErrors } from '@node-termination-handler/sandbox';
import type { AwsCall, AwsService, FaultRule, Misbehaviour } from '@node-termination-handler/sandbox';
import { faultsOf } from './fault.ts';
import type { FaultEntry } from './fault.ts';

/** What is done to the calls of a service, and what sets the fault apart. */
interface AwsFault extends Pick<FaultRule<AwsCall>, 'delayMs' | 'misbehaviour'>, Omit<FaultEntry, 'begin'> {
  /** Default: all of the service's. */
  readonly actions?: readonly string[];
}

function awsFault(service: AwsService, { actions, delayMs, misbehaviour, ...about }: AwsFault): FaultEntry {
  const matches = (call: AwsCall): boolean =>
    call.service === service && (actions === undefined || actions.includes(call.action));
  const effect = { ...(delayMs !== undefined && { delayMs }), ...(misbehaviour && { misbehaviour }) };
  return { ...about, begin: ({ sandbox }) => sandbox.aws.faults.add({ matches, ...effect }) };
}

const sqs = (fault: AwsFault): FaultEntry => awsFault('sqs', fault);
const ec2 = (fault: AwsFault): FaultEntry => awsFault('ec2', fault);
const groups = (fault: AwsFault): FaultEntry => awsFault('autoscaling', fault);

const error = (code: string, status: number, message = code): Misbehaviour => ({
  kind: 'error',
  code,
  status,
  message,
});
const xml = (body: string): Misbehaviour => {
  return { kind: 'status', status: 200, headers: { 'content-type': 'text/xml' }, body };
};
const hang: Misbehaviour = { kind: 'hang' };
const stall: Misbehaviour = { kind: 'stall' };
const trickle: Misbehaviour = { kind: 'trickle' };
const resetBefore: Misbehaviour = { kind: 'reset', when: 'before' };
const resetAfter: Misbehaviour = { kind: 'reset', when: 'after' };
const half: Misbehaviour = { kind: 'half-body' };
const aHungCall = {
  misbehaviour: hang,
  boundSeconds: 20,
  boundBecause: 'a call that hangs is given up after some seconds, and tried again after a pause',
};
/** What was done and not heard of may be done again. */
const allowance = { repeats: true };

/** What goes wrong with SQS. */
export const queueFaults = faultsOf('SQS', ['queue-processor'], {
  'refuses connections': async ({ sandbox }) => {
    await sandbox.aws.pause();
    return () => sandbox.aws.resume();
  },
  'answers 503': sqs({ misbehaviour: error('ServiceUnavailable', 503) }),
  'answers 500': sqs({ misbehaviour: error('InternalError', 500) }),
  throttles: sqs({ misbehaviour: throttlingErrors.sqs }),
  'takes 1.5 s for each answer': sqs({ delayMs: 1500 }),
  hangs: sqs({
    misbehaviour: hang,
    boundSeconds: 35,
    boundBecause:
      'a long poll that hangs looks like one that waits for a message: it is given up some seconds after its 20',
  }),
  'sends half of an answer, then nothing': sqs({
    misbehaviour: stall,
    boundSeconds: 35,
    boundBecause: 'a poll whose answer stalls is given up when one that waits for a message would be',
    allowance,
  }),
  'resets connections': sqs({ misbehaviour: resetBefore }),
  'does what it is asked, and resets': sqs({ misbehaviour: resetAfter, allowance }),
  'sends half of its answers': sqs({ misbehaviour: half, allowance, needsProcesses: true }),
  'refuses expired credentials': sqs({ misbehaviour: error('ExpiredToken', 403) }),
  'denies access': sqs({ misbehaviour: error('AccessDenied', 403) }),
  'says that receipt handles have expired': sqs({
    actions: ['DeleteMessage', 'DeleteMessageBatch', 'ChangeMessageVisibility', 'ChangeMessageVisibilityBatch'],
    misbehaviour: error('ReceiptHandleIsInvalid', 400, 'The input receipt handle is invalid.'),
    allowance,
  }),
});

/** Each entity is ten of the one before: expanded, this is a gigabyte. */
const ENTITIES = Array.from({ length: 9 }, (_, index) => {
  const body = index === 0 ? 'lol' : `&e${index - 1};`.repeat(10);
  return `<!ENTITY e${index} "${body}">`;
}).join('');

/** What goes wrong with EC2. */
export const instanceFaults = faultsOf('EC2', ['queue-processor'], {
  'sends XML entities that grow (a fake endpoint)': ec2({
    misbehaviour: xml(
      `<?xml version="1.0"?><!DOCTYPE r [${ENTITIES}]><DescribeInstancesResponse><reservationSet>&e8;</reservationSet></DescribeInstancesResponse>`,
    ),
    needsProcesses: true,
  }),
  throttles: ec2({ misbehaviour: throttlingErrors.ec2 }),
  'answers 500': ec2({ misbehaviour: error('InternalError', 500) }),
  'denies access': ec2({ misbehaviour: error('UnauthorizedOperation', 403) }),
  'takes 1.5 s for each answer': ec2({ delayMs: 1500 }),
  hangs: ec2(aHungCall),
  'sends a byte a second': ec2({ ...aHungCall, misbehaviour: trickle }),
  'resets connections': ec2({ misbehaviour: resetBefore }),
  'sends half of its answers': ec2({ misbehaviour: half }),
  'sends pages with nothing on them': ec2({
    misbehaviour: xml(
      '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet/>' +
        `<nextToken>${Buffer.from('page-0').toString('base64url')}</nextToken></DescribeInstancesResponse>`,
    ),
  }),
});

/** What goes wrong with Auto Scaling. */
export const groupFaults = faultsOf('Auto Scaling', ['queue-processor'], {
  throttles: groups({ misbehaviour: throttlingErrors.autoscaling }),
  'answers 500': groups({ misbehaviour: error('InternalFailure', 500) }),
  'refuses completions (ValidationError)': groups({
    actions: ['CompleteLifecycleAction'],
    misbehaviour: error('ValidationError', 400, 'The instance is not in a state in which this can be done'),
    boundSeconds: 15,
    boundBecause: 'a refusal is not tried again at once: the message comes back after five seconds',
  }),
  'takes 1.5 s for each answer': groups({ delayMs: 1500 }),
  hangs: groups(aHungCall),
  'sends half of an answer, then nothing': groups({ ...aHungCall, misbehaviour: stall, allowance }),
  'resets connections': groups({ misbehaviour: resetBefore }),
  'does what it is asked, and resets': groups({ misbehaviour: resetAfter, allowance }),
});
