import type { Scenario } from '../runner/scenario.ts';
import { metadataScenarios } from './metadata.ts';

/** Every scenario, in the order of the table. */
export const scenarios: readonly Scenario[] = [...metadataScenarios];
