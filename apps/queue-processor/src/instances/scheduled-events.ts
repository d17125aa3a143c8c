import { DescribeInstanceStatusCommand, EventCode } from '@aws-sdk/client-ec2';
import type { EC2Client, InstanceStatus } from '@aws-sdk/client-ec2';
import { retry } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { parseInstanceStatus } from '@node-termination-handler/event-parsers';
import type { InstanceId, ScheduledEvent } from '@node-termination-handler/event-parsers';
import type { Logger } from '@node-termination-handler/logger';
import type { NodeIndex } from '@node-termination-handler/node-drainer';
import { createLastingFailure } from '@node-termination-handler/runtime';

/** How many instances an answer may hold: the most that EC2 allows. */
const PAGE_SIZE = 1_000;

/** Pauses between tries: nothing hangs on it that has not waited for days. */
const BACKOFF = { firstMs: 5_000, maxMs: 300_000 };

/** What EC2 has scheduled for one instance; at least one event. */
export interface InstanceSchedule {
  readonly instanceId: InstanceId;
  readonly events: readonly ScheduledEvent[];
}

/** What reading the scheduled events needs. */
export interface ScheduleSources {
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly nodes: Pick<NodeIndex, 'nodes' | 'whenSynced'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
}

/**
 * Reads what EC2 has scheduled for the instances of the cluster's nodes, so that an event whose message is long gone is not lost. Tried until
 * it works; that it does not is told as a failure that lasts.
 *
 * An instance that is missing from the result has nothing scheduled, or is one that this EC2 does not know: that an event is over cannot be
 * told from it.
 *
 * @throws the signal's reason.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
 */
export async function readSchedules(
  { ec2, nodes, clock, log }: ScheduleSources,
  signal: AbortSignal,
): Promise<readonly InstanceSchedule[]> {
  const failing = 'the scheduled events of instances cannot be read (ec2:DescribeInstanceStatus), trying again';
  const over = 'the scheduled events of instances are read';
  const advice = 'ec2:DescribeInstanceStatus in the role, or the way to EC2';
  const failure = createLastingFailure({ log, clock, failing, over, advice });
  await nodes.whenSynced(signal);
  return await retry({ clock, backoff: BACKOFF, signal, onRetry: (error) => failure.failed(error) }, async () => {
    const ids = new Set([...nodes.nodes()].flatMap(({ instanceId }) => instanceId ?? []));
    const statuses: InstanceStatus[] = [];
    for await (const status of statusesWithEvents(ec2, signal))
      if (ids.has(status.InstanceId ?? '')) statuses.push(status);
    failure.succeeded();
    return schedulesOf(statuses, new Date(clock.now()), log);
  });
}

/** Asks for instances with events, not for the nodes' ids: of those one that EC2 does not know would fail a whole call. */
async function* statusesWithEvents(ec2: ScheduleSources['ec2'], signal: AbortSignal): AsyncIterable<InstanceStatus> {
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(
      new DescribeInstanceStatusCommand({
        IncludeAllInstances: true,
        Filters: [{ Name: 'event.code', Values: Object.values(EventCode) }],
        MaxResults: PAGE_SIZE,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
      { abortSignal: signal },
    );
    yield* page.InstanceStatuses ?? [];
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
}

function schedulesOf(
  statuses: readonly InstanceStatus[],
  now: Date,
  log: ScheduleSources['log'],
): readonly InstanceSchedule[] {
  const schedules: InstanceSchedule[] = [];
  for (const status of statuses) {
    const outcome = parseInstanceStatus(status, now);
    const rejected = outcome.status === 'events' ? (outcome.rejected ?? []) : [];
    for (const reason of outcome.status === 'poison' ? [outcome.reason] : rejected)
      log.warn({ 'instance-id': status.InstanceId, reason }, 'a scheduled event could not be understood');
    if (outcome.status !== 'events') continue;
    const events = outcome.events.filter((event) => event.kind === 'SCHEDULED_EVENT');
    const [first] = events;
    if (first !== undefined) schedules.push({ instanceId: first.instanceId, events });
  }
  return schedules;
}
