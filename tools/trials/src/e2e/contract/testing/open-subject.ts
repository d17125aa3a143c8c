import { openRealSubject } from './real-subject.ts';
import { openSimulatorSubject } from './simulator-subject.ts';
import type { Subject } from './subject.ts';

/** The simulator, unless `CONTRACT_SERVER=real`. */
export async function openSubject(): Promise<Subject> {
  return process.env.CONTRACT_SERVER === 'real' ? openRealSubject() : openSimulatorSubject();
}
