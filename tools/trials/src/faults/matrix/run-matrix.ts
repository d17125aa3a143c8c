import { catalogue } from '../catalogue/catalogue.ts';
import { metadataFaults } from '../catalogue/metadata-faults.ts';
import { queueFaults } from '../catalogue/aws-faults.ts';
import type { CaseResult } from '../../case.ts';
import { playAll } from '../../case.ts';
import type { PlayOptions } from '../../case.ts';
import { clusterScenes } from './cluster-scenes.ts';
import { playFault } from './fault-case.ts';
import { hostileScenes } from './hostile-scenes.ts';
import { playLasting } from './lasting-case.ts';
import { processScenes } from './process-scenes.ts';
import { queueScenes } from './queue-scenes.ts';
import { playScene } from './scene.ts';

/** How the matrix is run. */
export interface MatrixOptions extends PlayOptions {
  /** Only cases whose name contains one of these words; all when empty. */
  readonly filters: readonly string[];
  /** Without the cases that wait until a probe tells, which take two minutes. */
  readonly quick: boolean;
}

interface Case {
  readonly name: string;
  readonly play: () => Promise<CaseResult>;
}

/** The faults that last until a probe tells. */
function lastingCases(): readonly Case[] {
  const [refuses] = metadataFaults;
  const [unavailable] = queueFaults;
  return [
    ...(unavailable
      ? [{ name: `${unavailable.name} until`, play: () => playLasting(unavailable, 'queue-processor') }]
      : []),
    ...(refuses ? [{ name: `${refuses.name} until`, play: () => playLasting(refuses, 'imds-agent') }] : []),
  ];
}

function allCases(quick: boolean): readonly Case[] {
  return [
    ...(quick ? [] : lastingCases()),
    ...catalogue.flatMap((fault) =>
      fault.programs.map((program) => ({
        name: `${fault.area}: ${fault.name} (${program})`,
        play: () => playFault(fault, program),
      })),
    ),
    ...[...queueScenes, ...clusterScenes, ...processScenes, ...hostileScenes].map((scene) => ({
      name: `${scene.group}: ${scene.name}`,
      play: () => playScene(scene),
    })),
  ];
}

/** Runs every row of the matrix, some at once; results in the order of the rows. */
export function runMatrix(options: MatrixOptions): Promise<readonly CaseResult[]> {
  const { filters, quick } = options;
  const chosen = allCases(quick).filter(
    ({ name }) => filters.length === 0 || filters.some((word) => name.includes(word)),
  );
  return playAll(
    chosen.map(({ play }) => play),
    options,
  );
}
