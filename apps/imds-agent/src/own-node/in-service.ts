import { retry } from '@node-termination-handler/clock';
import type { NodeMetadata } from '@node-termination-handler/imds-client';
import type { NodeInterruption } from '@node-termination-handler/interruption-handler';
import { findNode, OWN_PREFIX } from '@node-termination-handler/node-drainer';
import type { FoundNode } from '@node-termination-handler/node-drainer';
import { createLastingFailure } from '@node-termination-handler/runtime';
import type { Runtime } from '@node-termination-handler/runtime';
import type { ImdsAgentSettings } from '@node-termination-handler/settings';

/** The node annotation that names the instance that was seen in service: a node of the same name may be another's. */
export const IN_SERVICE_ANNOTATION = `${OWN_PREFIX}/in-service`;

/** How the pauses grow after which a note that could not be written is tried again. */
const AGAIN = { firstMs: 1_000, maxMs: 60_000 };

/** What knowing whether the own instance was in service needs. */
export interface InServiceParts {
  readonly instance: Pick<NodeMetadata, 'instanceId'>;
  readonly runtime: Pick<Runtime<ImdsAgentSettings>, 'client' | 'clock' | 'log' | 'settings' | 'stop'>;
}

/** Whether what the metadata says is that its group takes the instance into the warm pool, or terminates it there. */
export function isAboutPool(event: NodeInterruption): boolean {
  return event.kind === 'ASG_LIFECYCLE' && event.state?.startsWith('Warmed:') === true;
}

/**
 * Knows whether the own instance has ever been in service. A group launches instances into its warm pool, too, and says the same of them as
 * of one that it takes out of service: `Warmed:Stopped`. What runs there then belongs there. It is noted on the node, as an instance is
 * stopped in the pool, and an agent restarted.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html
 */
export class InService {
  readonly #parts: InServiceParts;
  #wasSeen = false;

  constructor(parts: InServiceParts) {
    this.#parts = parts;
  }

  /** The group wants the instance in service: noted on the node, tried again until it is. Never rejects. */
  async seen(): Promise<void> {
    if (this.#wasSeen) return;
    this.#wasSeen = true;
    const { instance, runtime } = this.#parts;
    const { client, clock, log, settings, stop: signal } = runtime;
    if (settings.dryRun) return;
    const failing = 'that the instance is in service cannot be noted on its node, trying again';
    const over = 'that the instance is in service is noted';
    const advice =
      'patch on nodes in the role, or what refuses it: without the note an instance in a warm pool is not drained';
    const failure = createLastingFailure({ log, clock, failing, over, advice });
    const onRetry = (error: unknown): void => failure.failed(error);
    await retry({ clock, backoff: AGAIN, signal, onRetry }, async () => {
      const node = await this.#node();
      if (node.annotations[IN_SERVICE_ANNOTATION] !== instance.instanceId) {
        await client.request({
          verb: 'patch',
          resource: 'nodes',
          name: node.name,
          patchType: 'merge',
          body: { metadata: { annotations: { [IN_SERVICE_ANNOTATION]: instance.instanceId } } },
          signal,
        });
      }
      failure.succeeded();
    }).catch(() => undefined);
  }

  /** Whether the instance has been in service. @throws when the node cannot be read. */
  async wasBefore(): Promise<boolean> {
    if (this.#wasSeen) return true;
    const { annotations } = await this.#node();
    return annotations[IN_SERVICE_ANNOTATION] === this.#parts.instance.instanceId;
  }

  async #node(): Promise<FoundNode> {
    const { instance, runtime } = this.#parts;
    const { client, settings, stop: signal } = runtime;
    const node = await findNode(client, { name: settings.nodeName, instanceId: instance.instanceId }, { signal });
    if (node === undefined) throw new Error(`the cluster has no node ${settings.nodeName} (NODE_NAME)`);
    return node;
  }
}
