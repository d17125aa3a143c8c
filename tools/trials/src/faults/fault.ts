import type { FaultRule as Rule, Misbehaviour } from '@node-termination-handler/sandbox';
import type { ProgramName } from '../program.ts';
import type { Allowance } from '../invariants.ts';
import type { World } from './world.ts';

/** Ends a fault; called once. */
export type EndFault = () => void | Promise<void>;

/** Who misbehaves. */
export type Area = 'instance metadata' | 'SQS' | 'EC2' | 'Auto Scaling' | 'API server' | 'webhook';

/** Something that goes wrong with what the programs talk to, until it is ended. */
export interface Fault {
  readonly area: Area;
  /** In a few words, what the service does. */
  readonly name: string;
  /** The programs that meet it. */
  readonly programs: readonly ProgramName[];
  /**
   * Within how many seconds after its end all must be done. Default 10: what is sent again at once, with the visibility timeout of these
   * worlds and the longest pause between two tries.
   */
  readonly boundSeconds?: number;
  /** Why more than the default, where it is. */
  readonly boundBecause?: string;
  readonly allowance?: Allowance;
  /** Whether only real processes show what it does – TLS, memory, bytes on a socket –, and no play of the simulation. Default false. */
  readonly needsProcesses?: boolean;
  /** Puts it in force. */
  readonly begin: (world: World) => EndFault | Promise<EndFault>;
}

/** The default of {@link Fault.boundSeconds}. */
export const USUAL_BOUND_SECONDS = 10;

/** What a fault does, and what sets it apart from the others of its area. */
export type FaultEntry = Omit<Fault, 'area' | 'name' | 'programs'>;

/** The faults of an area, by their names. */
export function faultsOf(
  area: Area,
  programs: readonly ProgramName[],
  entries: Readonly<Record<string, FaultEntry | Fault['begin']>>,
): readonly Fault[] {
  return Object.entries(entries).map(([name, entry]) => ({
    area,
    name,
    programs,
    ...(typeof entry === 'function' ? { begin: entry } : entry),
  }));
}

/** A rule for whatever request comes. */
export type FaultRule = Rule<unknown>;

/** Answers every request with a status code, and a body. */
export function answers(status: number, body?: string): Misbehaviour {
  return { kind: 'status', status, ...(body !== undefined && { body }) };
}
