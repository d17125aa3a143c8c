import type { ProgramEnvironment, Sandbox } from '@node-termination-handler/sandbox';
import { bundleOf, Program } from '@node-termination-handler/trials';
import type { ProgramName } from '@node-termination-handler/trials';
import { access, rm } from 'node:fs/promises';
import path from 'node:path';
import { deadlineSeconds } from './cast.ts';
import type { Cast } from './cast.ts';

/** A bundle that is not there: the programs must be built first. */
export class BundleMissingError extends Error {
  override readonly name = 'BundleMissingError';

  constructor(bundle: string, cause: unknown) {
    super(`${bundle} is missing: build the programs first, by npm run bundle`, { cause });
  }
}

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
  const start = (name: ProgramName, environment: ProgramEnvironment, label: string = name): Program =>
    Program.start(
      name,
      { ...environment, ...settings },
      {
        label,
        file: bundleOf(name, workspaceRoot),
        logFile: path.join(logDirectory, `${name}.log`),
      },
    );
  for (const name of ['imds-agent', 'queue-processor'] as const) {
    const bundle = bundleOf(name, workspaceRoot);
    await access(bundle).catch((cause: unknown) => {
      throw new BundleMissingError(path.relative(workspaceRoot, bundle), cause);
    });
    await rm(path.join(logDirectory, `${name}.log`), { force: true });
  }
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
