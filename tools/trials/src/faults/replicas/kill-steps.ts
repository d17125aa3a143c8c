import type { World } from '../world/world.ts';

/** A step of the sequence, and how the sandbox sees that it has come. */
export interface KillStep {
  readonly name: string;
  /** Has the step been reached for the node of the world's first interruption? */
  readonly isReached: (world: World) => boolean;
}

const requests = ({ sandbox }: World) => sandbox.kubernetes.requests();

function first(world: World) {
  return world.interruptions[0];
}

function message(world: World) {
  const id = first(world)?.messageId;
  return id === undefined ? undefined : world.sandbox.aws.sqs.message(id);
}

/** Every step between the receipt of a message and its deletion, in order. */
export const killSteps: readonly KillStep[] = [
  { name: 'after the message was received', isReached: (world) => (message(world)?.receives.length ?? 0) > 0 },
  {
    name: 'before the mark: the instance was looked up',
    isReached: ({ sandbox }) => sandbox.aws.calls('ec2', 'DescribeInstances').length > 0,
  },
  {
    name: 'after the mark',
    isReached: (world) =>
      requests(world).some(({ verb, resource, code }) => verb === 'patch' && resource === 'nodes' && code === 200),
  },
  {
    name: 'before the first eviction: the pods were listed',
    isReached: (world) => requests(world).some(({ verb, resource }) => verb === 'list' && resource === 'pods'),
  },
  {
    name: 'after the first eviction',
    isReached: (world) => requests(world).some(({ subresource, code }) => subresource === 'eviction' && code === 201),
  },
  {
    name: 'in the middle: the first pod is gone',
    isReached: ({ record }) => record.pods.some(({ goneAt }) => goneAt !== undefined),
  },
  {
    name: 'before the completion: the last pod is gone',
    isReached: (world) => world.record.emptyAt(first(world)?.node ?? '') !== undefined,
  },
  {
    name: 'after the completion',
    isReached: ({ sandbox }) => sandbox.aws.autoScaling.actions().some(({ state }) => state === 'completed'),
  },
  { name: 'after the deletion', isReached: (world) => message(world)?.deletedAt !== undefined },
];
