import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCertificates } from '@node-termination-handler/sandbox';
import type { Certificates } from '@node-termination-handler/sandbox';
import { SECRETS } from '../faults/world.ts';
import { root } from '../program.ts';
import type { ProgramName } from '../program.ts';
import { takeOver } from './virtual-node.ts';

/** As the process of a program offers it; see `Host` of `runtime`. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly platform: NodeJS.Platform;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exitCode?: number;
  on(signal: string, listener: () => void): unknown;
  off(signal: string, listener: () => void): unknown;
  exit(code: number): void;
}

type Run = (host: Host, options: { readonly destination: { write(text: string): unknown } }) => Promise<void>;

/** The programs' own beginnings, and what plays share. */
export interface Stage {
  readonly programs: Readonly<Record<ProgramName, Run>>;
  readonly certificates: Certificates;
}

/** What `runtime` imports for a kubeconfig alone. */
const KUBECONFIG_READER = '@kubernetes/client-node';

/** Reads in all that plays need, also what the programs read only when they need it, and takes this thread over for good. */
export async function setStage(): Promise<Stage> {
  const load = async (file: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(path.join(root, file)).href)) as Record<string, unknown>;
  const [agent, processor] = await Promise.all([
    load('apps/imds-agent/src/main.ts'),
    load('apps/queue-processor/src/main.ts'),
    load('apps/imds-agent/src/complete-own-actions.ts'),
    load('libs/webhook-notifier/src/template-body.ts'),
    load('libs/webhook-notifier/src/presets/presets.ts'),
    import(KUBECONFIG_READER),
  ]);
  const certificates = await createCertificates();
  // The SDK reads its own variables from the process.
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
    AWS_SECRET_ACCESS_KEY: SECRETS.awsKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  takeOver();
  return {
    programs: { 'imds-agent': agent.runImdsAgent as Run, 'queue-processor': processor.runQueueProcessor as Run },
    certificates,
  };
}
