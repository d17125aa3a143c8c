import { instanceId } from '@node-termination-handler/event-parsers';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, ProgressNode } from '@node-termination-handler/interruption-handler';
import { runProgram, startEngine } from '@node-termination-handler/runtime';
import type { Host, ProgramDefinition, RunOptions, Runtime } from '@node-termination-handler/runtime';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import packageJson from '../package.json' with { type: 'json' };
import { rebalanceAction, watchedDocuments } from './documents.ts';
import { Listing, Notices } from './listed-notices.ts';
import { hostBootedAt } from './own-node/host-uptime.ts';
import { InService } from './own-node/in-service.ts';
import { watchOwnNode } from './own-node/own-node.ts';
import { connectMetadata, ownInstance, watchForFilter } from './own-instance.ts';
import { FirstLook, readDocuments } from './read-documents.ts';
import { workOnNotice } from './work-on-notice.ts';

async function work(runtime: Runtime<ImdsAgentSettings>): Promise<void> {
  const { beside, settings, telling } = runtime;
  const imds = connectMetadata(runtime);
  const instance = await ownInstance(imds, runtime);
  const bootedAt = await hostBootedAt(runtime);
  const notices = new Notices();
  const inService = new InService({ instance, runtime });
  const works = new Set<Promise<void>>();

  // Tell: whatever the engine does, as it does it; all is about the own node, also what comes before it was found.
  let node: ProgressNode | undefined;
  const tell = (step: InterruptionProgress): void => {
    node = step.node ?? node;
    telling.tell(node === undefined ? step : { ...step, node });
  };
  const untilSettled = async (): Promise<void> => {
    await Promise.all(works);
  };
  const handler = startEngine(runtime, {
    rebalanceAction: rebalanceAction(settings),
    tell,
    untilSettled,
    ...(bootedAt === undefined ? {} : { bootedAt: () => bootedAt }),
  });

  beside((signal) => watchForFilter({ ...runtime, imds }, signal));
  beside((signal) => watchOwnNode({ ...runtime, handler, instance }, signal));

  // Give back: what the metadata lists no longer is over, also what went away while nobody looked, and what a reboot has ended.
  const documents = watchedDocuments(settings, () => notices.isAny('rebalance-recommendation'));
  const own = { instanceId: instanceId(instance.instanceId), nodeName: settings.nodeName };
  const listing = new Listing({ ...runtime, ...own, imds, documents, handler });
  const firstLook = new FirstLook(documents.map(({ name }) => name));
  void firstLook.over.then(() => listing.ask());
  beside((signal) => listing.run(signal));

  // Source → parse: what each document says, whenever that changes.
  const read = { documents, instanceId: own.instanceId, firstLook, runtime };
  for await (const { document, body, events } of readDocuments(imds, read)) {
    if (document === 'target-lifecycle-state' && body?.trim() === 'InService') void inService.seen();
    if (notices.update(document, events).isAnyGone) listing.ask();
    // Decide → mark → drain → after.
    for (const event of events.filter(isNodeInterruption)) {
      const working = workOnNotice(event, { handler, inService, instance, notices, tell, runtime });
      works.add(working);
      void working.finally(() => works.delete(working));
    }
  }
}

/** Runs the imds-agent: what the metadata of its own node says, until the process is told to stop. */
export function runImdsAgent(host?: Host, options?: RunOptions): Promise<void> {
  const program: ProgramDefinition<ImdsAgentSettings> = {
    name: 'imds-agent',
    version: packageJson.version,
    load: loadImdsAgentSettings,
    ownNode: ({ nodeName }) => nodeName,
    work,
  };
  return runProgram(program, host, options);
}
