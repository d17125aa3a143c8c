import { instanceId } from '@node-termination-handler/event-parsers';
import { isNodeInterruption } from '@node-termination-handler/interruption-handler';
import type { InterruptionProgress, ProgressNode } from '@node-termination-handler/interruption-handler';
import { runProgram, startEngine } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import { loadImdsAgentSettings } from '@node-termination-handler/settings';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';
import packageJson from '../package.json' with { type: 'json' };
import { rebalanceAction, watchedDocuments } from './documents.ts';
import { Notices } from './notices.ts';
import { connectMetadata, ownInstance } from './own-instance.ts';
import { FirstLook, readDocuments } from './read-documents.ts';
import { uncordonAfterReboot } from './own-node/after-reboot.ts';
import { uncordonForgotten } from './own-node/forgotten-cordon.ts';
import { watchOwnNode } from './own-node/own-node.ts';
import { workOnNotice } from './work-on-notice.ts';

async function work(runtime: Runtime<ImdsAgentSettings>): Promise<void> {
  const { beside, clock, settings, telling } = runtime;
  const imds = connectMetadata(runtime);
  const instance = await ownInstance(imds, runtime);
  const notices = new Notices();
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
  const handler = startEngine(runtime, { rebalanceAction: rebalanceAction(settings), tell, untilSettled });

  // Take back: a cordon for a reboot that is over ends before its scheduled event is looked at again, and one whose
  // notice went away while nobody looked when every document has been read.
  const documents = watchedDocuments(settings, () => notices.isAny('rebalance-recommendation'));
  const names = new Set(documents.map(({ name }) => name));
  const firstLook = new FirstLook(names);
  const rebootLook = uncordonAfterReboot({ ...runtime, instance });
  const afterReboot = rebootLook.then(({ over }) => over !== undefined && handler.ignore(over));
  beside((signal) => watchOwnNode({ ...runtime, instance }, rebootLook, signal));
  void Promise.all([afterReboot, firstLook.over]).then(() =>
    uncordonForgotten(runtime, () => ({ documents: names, active: notices.active(new Date(clock.now())) })),
  );

  // Source → parse: what each document says, whenever that changes.
  const read = { documents, instanceId: instanceId(instance.instanceId), firstLook, runtime };
  for await (const { document, events } of readDocuments(imds, read)) {
    const changes = notices.update(document, events);
    for (const id of changes.gone) void handler.cancel(id, 'the notice is no longer in the instance metadata');
    // Decide → drain → after.
    for (const event of changes.present.filter(isNodeInterruption)) {
      const working = workOnNotice(event, { handler, instance, notices, afterReboot, tell, runtime });
      works.add(working);
      void working.finally(() => works.delete(working));
    }
  }
}

void runProgram({
  name: 'imds-agent',
  version: packageJson.version,
  load: loadImdsAgentSettings,
  ownNode: ({ nodeName }) => nodeName,
  work,
});
