import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ProgramEnvironment, Sandbox } from '@node-termination-handler/sandbox';
import { deadlineSeconds } from './cast.ts';
import type { Cast } from './cast.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';

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
  JSON_LOGGING: 'true',
};

async function findBundle(workspaceRoot: string, app: string): Promise<string> {
  const bundle = path.join(workspaceRoot, 'apps', app, 'dist', 'main.cjs');
  await access(bundle).catch((cause: unknown) => {
    throw new BundleMissingError(path.relative(workspaceRoot, bundle), cause);
  });
  return bundle;
}

/**
 * Starts the built programs: an imds-agent for each node that has a metadata service, and one queue-processor.
 * @throws BundleMissingError when they are not built
 */
export async function startPrograms(
  workspaceRoot: string,
  logDirectory: string,
  sandbox: Sandbox,
  cast: Cast,
): Promise<Program[]> {
  const agentBundle = await findBundle(workspaceRoot, 'imds-agent');
  const processorBundle = await findBundle(workspaceRoot, 'queue-processor');
  await mkdir(logDirectory, { recursive: true });
  const agents = cast.sandboxNodes
    .filter(({ imds }) => imds === true)
    .map(({ name }) => ({
      name: `imds-agent on ${name}`,
      bundle: agentBundle,
      environment: { ...sandbox.agentEnvironment(name), ...settings },
      logFile: path.join(logDirectory, 'imds-agent.log'),
    }));
  const processor = {
    name: 'queue-processor',
    bundle: processorBundle,
    environment: { ...sandbox.queueProcessorEnvironment(), ...settings },
    logFile: path.join(logDirectory, 'queue-processor.log'),
  };
  return [...agents, processor].map(startProgram);
}

/** Whether both programs are at work: the agent reads its metadata, the queue-processor polls its queue. */
export function areAtWork(sandbox: Sandbox, cast: Cast): boolean {
  const agents = cast.sandboxNodes.filter(({ imds }) => imds === true);
  const polls = (name: string): boolean =>
    sandbox
      .imdsOf(name)
      .requests()
      .some(({ path: asked, token }) => asked.endsWith('/spot/instance-action') && token === 'valid');
  return agents.every(({ name }) => polls(name)) && sandbox.aws.calls('sqs', 'ReceiveMessage').length > 0;
}
