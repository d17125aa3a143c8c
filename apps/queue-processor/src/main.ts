import { runProgram, startEngine } from '@node-termination-handler/runtime';
import type { Host, ProgramDefinition, RunOptions, Runtime } from '@node-termination-handler/runtime';
import { loadQueueProcessorSettings } from '@node-termination-handler/settings';
import type { QueueProcessorSettings } from '@node-termination-handler/settings';
import packageJson from '../package.json' with { type: 'json' };
import { connectAws } from './connect-aws.ts';
import { completeOnce, completeWithin } from './groups/complete.ts';
import { Hooks } from './groups/hooks.ts';
import { createStateInGroup } from './groups/lifecycle-state.ts';
import { watchRetained } from './groups/retained.ts';
import { Instances } from './instances/describe.ts';
import { createFreshNodes } from './instances/fresh-nodes.ts';
import { workOnMessage } from './message/work-on-message.ts';
import type { MessageWork } from './message/work-on-message.ts';
import { workOnSchedules } from './message/work-on-schedules.ts';
import { keepNodeList } from './node-list.ts';
import { attributesReader, poisonPolicy, tellAttributes } from './queue/attributes.ts';
import { MessagesInHand } from './queue/in-hand.ts';
import { Queue } from './queue/queue.ts';
import { receiveMessages } from './queue/receive.ts';
import { receiverReports } from './queue/receiver-health.ts';
import { keepInvisible } from './queue/visibility.ts';
import { WaitingRoom } from './queue/waiting.ts';
import { countTagged } from './tagged.ts';
import { createTeller } from './tell.ts';

async function work(runtime: Runtime<QueueProcessorSettings>): Promise<void> {
  const { beside, client, clock, log, metrics, settings, stop, telling } = runtime;
  const { region, ...aws } = await connectAws(runtime);
  const nodes = keepNodeList(runtime, (change) => handler.seen(change));
  const queue = new Queue(aws.sqs, settings.queueUrl, clock);
  const readAttributes = attributesReader(aws.sqs, settings.queueUrl);
  beside((signal) => tellAttributes({ clock, log, readAttributes, settings }, signal));
  const inHand = new MessagesInHand();
  const lastPolls = Promise.withResolvers<undefined>();
  const room = new WaitingRoom(runtime);
  const keepHidden = settings.dryRun ? undefined : keepInvisible(queue, inHand, runtime);
  if (settings.enablePrometheusServer) beside((signal) => countTagged(aws.ec2, nodes, runtime, signal));

  // Tell: whatever the engine does, as it does it, with what is known of the instance.
  const teller = createTeller({ telling, nodes, region, log, clock, dryRun: settings.dryRun });
  const handler = startEngine(runtime, {
    rebalanceAction: settings.rebalanceAction ?? 'drain',
    nodes,
    disruptionCondition: true,
    ownPod: 'goes-last',
    concurrentDrains: settings.workers,
    completionDelaySeconds: settings.completeLifecycleActionDelaySeconds,
    lease: settings.claimLeaseName,
    tell: (step) => teller.step(step),
    untilSettled: () => inHand.empty(),
  });

  // Parse → for each event decide → drain → after → what becomes of the message.
  const { autoScaling } = aws;
  const parts: MessageWork = {
    ...{ clock, log, metrics, settings, signal: stop },
    ...{ autoScaling, handler, inHand, nodes, queue, region, room, teller },
    complete: completeOnce(completeWithin(autoScaling, clock)),
    hooks: new Hooks({ autoScaling, clock, signal: stop, onWarning: (message) => teller.warning(message) }),
    instances: new Instances(aws.ec2, clock, log),
    freshNodes: createFreshNodes(client, clock, stop),
    stateInGroup: createStateInGroup(autoScaling, clock),
    poison: () => poisonPolicy(settings.poisonMessages, readAttributes),
    pollsEnded: lastPolls.promise,
  };

  beside((signal) => watchRetained(parts.stateInGroup, handler, runtime, signal));

  // Source: what EC2 has scheduled already, whose messages may be long gone.
  beside((signal) => workOnSchedules({ ec2: aws.ec2, log, nodes }, parts, signal));

  // Source: several receivers, each with one long poll after the other.
  const reportOf = receiverReports(runtime);
  const receive = async (number: number): Promise<void> => {
    const options = { clock, inHand, keepHidden, report: reportOf(number), settings, signal: stop };
    for await (const batch of receiveMessages(aws.poll, options)) {
      for (const { body, ...message } of batch) {
        if (!inHand.add(message).isNew) metrics.countMessage('duplicate');
        else void workOnMessage(message, body, parts);
      }
    }
  };
  telling.monitors.started('SQS_MONITOR');
  await Promise.all(Array.from({ length: settings.queueReceivers }, (_, index) => receive(index + 1)));
  lastPolls.resolve(undefined);
}

/** Runs the queue-processor: what the messages of its queue say, until the process is told to stop. */
export function runQueueProcessor(host?: Host, options?: RunOptions): Promise<void> {
  const program: ProgramDefinition<QueueProcessorSettings> = {
    name: 'queue-processor',
    version: packageJson.version,
    load: loadQueueProcessorSettings,
    ownNode: () => undefined,
    claimLease: ({ claimLeaseName }) => claimLeaseName,
    work,
  };
  return runProgram(program, host, options);
}
