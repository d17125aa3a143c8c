import type { ProgramEnvironment, Sandbox } from '@node-termination-handler/sandbox';
import { bundleOf, mustBeBuilt, Program } from '@node-termination-handler/trials';
import type { ProgramName } from '@node-termination-handler/trials';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { deadlineSeconds } from './cast.ts';
import type { Cast } from './cast.ts';

/** What both programs are told besides where everything is. */
const settings: ProgramEnvironment = {
  NODE_TERMINATION_GRACE_PERIOD: String(deadlineSeconds),
  TAINT_NODE: 'true',
};

/**
 * Starts the built programs: an imds-agent for each node that has a metadata service, and one queue-processor.
 * @param logDirectory where everything that they write goes
 * @throws BundleMissingError when they are not built
 */
export async function startPrograms(
  workspaceRoot: string,
  logDirectory: string,
  sandbox: Sandbox,
  cast: Cast,
): Promise<Program[]> {
  const logFileOf = (name: string): string => path.join(logDirectory, `${name}.log`);
  await mustBeBuilt(workspaceRoot);
  for (const name of ['imds-agent', 'queue-processor']) await rm(logFileOf(name), { force: true });
  const start = (name: ProgramName, given: ProgramEnvironment, label: string = name): Program => {
    const file = bundleOf(name, workspaceRoot);
    return Program.start(name, { ...given, ...settings }, { label, file, logFile: logFileOf(name) });
  };
  return [
    ...nodesWithMetadata(cast).map((node) =>
      start('imds-agent', sandbox.agentEnvironment(node), `imds-agent on ${node}`),
    ),
    start('queue-processor', sandbox.queueProcessorEnvironment()),
  ];
}

function nodesWithMetadata({ sandboxNodes }: Cast): readonly string[] {
  return sandboxNodes.flatMap(({ name, imds }) => (imds === true ? name : []));
}

/** Whether both programs are at work: the agent reads its metadata, the queue-processor polls its queue. */
export function areAtWork(sandbox: Sandbox, cast: Cast): boolean {
  const polls = (node: string): boolean =>
    sandbox
      .imdsOf(node)
      .requests()
      .some(({ path: asked, token }) => asked.endsWith('/spot/instance-action') && token === 'valid');
  return nodesWithMetadata(cast).every(polls) && sandbox.aws.calls('sqs', 'ReceiveMessage').length > 0;
}
