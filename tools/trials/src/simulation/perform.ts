import { sleep, systemClock } from '@node-termination-handler/clock';
import { catalogue } from '../faults/catalogue.ts';
import type { World } from '../faults/world.ts';
import type { Program } from '../program.ts';
import type { Cast, Parts } from './cast.ts';
import { operate } from './operations.ts';
import { doDeed } from './people.ts';
import type { Act } from './plan.ts';

const CLAIM_ANNOTATION = 'aws-node-termination-handler/claim';

/** Where an act is performed. */
export interface Scene {
  readonly world: World;
  readonly cast: Cast;
  readonly parts: Parts;
  readonly at: (ms: number) => Promise<void>;
  readonly start: (pod: string) => Program;
}

/** Performs an act: waits for its moment, and ends what it has begun. */
export async function perform(act: Act, { world, cast, parts: { network, note }, at, start }: Scene): Promise<void> {
  const { sandbox } = world;
  await at(act.atMs);
  note(`act: ${JSON.stringify(act)}`);
  switch (act.kind) {
    case 'fault': {
      const fault = catalogue.find(({ area, name }) => area === act.area && name === act.name);
      const end = await fault?.begin(world);
      await at(act.atMs + act.forMs);
      await end?.();
      return;
    }
    case 'link':
      network.trouble(act.program, act.service, act);
      await at(act.atMs + act.forMs);
      network.trouble(act.program, act.service, undefined);
      return;
    case 'crash': {
      const computer = cast.computer(act.program);
      const program = cast.program(act.program);
      if (computer === undefined || program?.isRunning !== true) return;
      computer.crashAtCall = computer.calls + act.calls;
      // One that does nothing for so long crashes all the same.
      using _late = systemClock.startTimer(30_000, () => computer.crash());
      await program.exit;
      await sleep(systemClock, act.forMs);
      if (cast.program(act.program)?.isRunning !== true) start(act.program);
      return;
    }
    case 'freeze': {
      const computer = cast.computer(act.program);
      computer?.freeze();
      await at(act.atMs + act.forMs);
      computer?.thaw();
      return;
    }
    case 'redelivery': {
      const { messageId } = world.interruptions[act.interruption] ?? {};
      const message = messageId === undefined ? undefined : sandbox.aws.sqs.message(messageId);
      if (message === undefined || message.receives.length === 0) return;
      // EventBridge, too, delivers at least once: what is deleted comes as another message.
      if (message.deletedAt === undefined) await sandbox.aws.sqs.deliverAgain(message.messageId);
      else await sandbox.aws.sqs.send(message.body);
      return;
    }
    case 'annotation': {
      const name = world.going[act.node] ?? '';
      const node = sandbox.kubernetes.get({ kind: 'Node', name });
      if (node === undefined) return;
      const until = new Date(Date.now() + 3_600_000).toISOString();
      const text =
        act.claim === undefined
          ? { [`example.com/at-${act.atMs}`]: 'mine' }
          : { [CLAIM_ANNOTATION]: JSON.stringify({ holder: 'kube-system/gone', state: act.claim, until }) };
      const annotations = { ...node.metadata.annotations, ...text };
      sandbox.kubernetes.put({ ...node, metadata: { ...node.metadata, annotations } });
      return;
    }
    case 'clock':
    case 'upgrade':
    case 'lost-host':
    case 'ec2-lag':
    case 'maintenance':
    case 'restart':
    case 'warm-pool':
    case 'pool-end':
    case 'warmed':
    case 'home':
    case 'reboot':
    case 'rollback':
    case 'registration':
      return operate(act, { world, cast, at, start, sleep: (ms) => sleep(systemClock, ms) });
    case 'budget':
    case 'named-pod':
    case 'crowd':
    case 'stateful':
    case 'webhook': {
      const end = doDeed(act, world);
      await at(act.atMs + act.forMs);
      end?.();
      return;
    }
    case 'uncordon':
    case 'rollout':
    case 'deletion':
    case 'newcomer':
    case 'special-pod':
    case 'silent-kubelet':
    case 'forgotten':
    case 'throttle':
      doDeed(act, world);
      return;
  }
}
