import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import type { Clock } from '@node-termination-handler/clock';
import { errorText } from '@node-termination-handler/logger';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { LastingFailureOptions, TellContext } from '@node-termination-handler/runtime';
import type { WantedTag } from '@node-termination-handler/settings';
import DataLoader from 'dataloader';

/**
 * How many values one filter may have.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 */
const IDS_PER_CALL = 200;

/** For so long a look-up waits for others to join its call, in milliseconds: a burst is received over several polls. */
const GATHER_MS = 20;

/** For so long an answer is kept, in milliseconds. */
const KEPT_MS = 10_000;

/** What the program needs to know of an instance. */
export interface DescribedInstance {
  readonly id: string;
  /** `running`, `shutting-down`, …; see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
  readonly state: string;
  /** When it was last started; a stopped instance that is started again has a new one. */
  readonly launchTime?: Date;
  /** What is told of it, in the words of the instance metadata. The local host name is empty once the instance is on its way out. */
  readonly metadata: TellContext['metadata'];
  readonly tags: ReadonlyMap<string, string>;
}

/** What EC2 says of an instance. */
export type Ec2Answer =
  | { readonly status: 'described'; readonly instance: DescribedInstance }
  /** It knows no such instance: another region's or account's, one that is long gone, or one that it does not know yet. */
  | { readonly status: 'unknown-id' }
  | { readonly status: 'no-answer'; readonly error: unknown };

/** Why nothing is known of an instance, for people. */
export function silence(answer: Exclude<Ec2Answer, { status: 'described' }>, id: string, region: string): string {
  switch (answer.status) {
    case 'unknown-id':
      return `EC2 in ${region} knows no instance ${id} (another region’s or account’s?)`;
    case 'no-answer':
      return `EC2 in ${region} cannot be asked about instance ${id} (${errorText(answer.error)})`;
  }
}

/** States of an instance that goes, or is gone; out of the first two it may come back. */
const GOING: ReadonlySet<string> = new Set(['stopping', 'stopped', 'shutting-down', 'terminated']);

/** Whether an instance is on its way down, or has gone it. */
export function isGoing({ state }: Pick<DescribedInstance, 'state'>): boolean {
  return GOING.has(state);
}

/** When EC2 says that an instance was launched that runs; `undefined` where it does not say so. */
export function runningSince(ec2: Ec2Answer): Date | undefined {
  return ec2.status === 'described' && ec2.instance.state === 'running' ? ec2.instance.launchTime : undefined;
}

/** Whether an instance has a tag: its key, and its value where one is wanted. */
export function hasTag({ tags }: Pick<DescribedInstance, 'tags'>, { key, value }: WantedTag): boolean {
  return value === undefined ? tags.has(key) : tags.get(key) === value;
}

/** A tag as `MANAGED_TAG` has it, for people. */
export function tagText({ key, value }: WantedTag): string {
  return value === undefined ? key : `${key}=${value}`;
}

/** Looks instances up, many to a call, and keeps an answer for a few seconds. */
export class Instances {
  readonly #loader: DataLoader<string, DescribedInstance | undefined>;

  readonly #clock: Clock;

  constructor(ec2: Pick<EC2Client, 'send'>, clock: Clock, log: LastingFailureOptions['log']) {
    this.#clock = clock;
    const failure = createLastingFailure({
      ...{ log, clock },
      failing: 'EC2 cannot be asked about instances',
      over: 'EC2 answers about instances again',
      advice:
        'ec2:DescribeInstances in the role, AWS_REGION, or the way to EC2 (docs/networks.md); messages stay in hand until it is known whose instance they are about',
    });
    const ask = async (ids: readonly string[]): Promise<(DescribedInstance | undefined)[]> => {
      try {
        const answers = await describe(ec2, ids);
        failure.succeeded();
        return answers;
      } catch (error) {
        failure.failed(error);
        throw error;
      }
    };
    this.#loader = new DataLoader(ask, {
      maxBatchSize: IDS_PER_CALL,
      batchScheduleFn: (send) => void clock.startTimer(GATHER_MS, send),
    });
  }

  /**
   * What EC2 says of an instance. A failure is an answer, too, which is not kept: where the cluster knows the node, nothing may hang on EC2.
   *
   * @throws the signal's reason.
   */
  async ask(id: string, signal: AbortSignal): Promise<Ec2Answer> {
    try {
      const instance = await this.#loader.load(id);
      this.#clock.startTimer(KEPT_MS, () => this.#loader.clear(id), { keepsProcessAlive: false });
      return instance === undefined ? { status: 'unknown-id' } : { status: 'described', instance };
    } catch (error) {
      this.#loader.clear(id);
      signal.throwIfAborted();
      return { status: 'no-answer', error };
    }
  }

  /** Keeps no answer about the instance any longer. */
  forget(id: string): void {
    this.#loader.clear(id);
  }
}

/**
 * Asks by filter, not by id: of ids in a filter that do not exist nothing is said, while one unknown id in a list of ids
 * fails the whole call.
 */
async function describe(
  ec2: Pick<EC2Client, 'send'>,
  ids: readonly string[],
): Promise<(DescribedInstance | undefined)[]> {
  const found = new Map<string, DescribedInstance>();
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(
      new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-id', Values: [...ids] }],
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const { Instances = [], OwnerId = '' } of page.Reservations ?? []) {
      for (const instance of Instances) {
        if (instance.InstanceId !== undefined)
          found.set(instance.InstanceId, described(instance.InstanceId, instance, OwnerId));
      }
    }
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return ids.map((id) => found.get(id));
}

function described(id: string, instance: Instance, accountId: string): DescribedInstance {
  return {
    id,
    state: instance.State?.Name ?? 'unknown',
    ...(instance.LaunchTime === undefined ? {} : { launchTime: instance.LaunchTime }),
    metadata: {
      accountId,
      instanceId: id,
      // EC2 leaves the field out for what the instance metadata calls on-demand.
      instanceLifeCycle: instance.InstanceLifecycle ?? 'on-demand',
      instanceType: instance.InstanceType ?? '',
      localHostname: instance.PrivateDnsName ?? '',
      localIp: instance.PrivateIpAddress ?? '',
      publicHostname: instance.PublicDnsName ?? '',
      publicIp: instance.PublicIpAddress ?? '',
      availabilityZone: instance.Placement?.AvailabilityZone ?? '',
    },
    tags: new Map((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}
