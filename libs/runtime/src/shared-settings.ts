import type { ImdsAgentSettings, QueueProcessorSettings } from '@node-termination-handler/settings';

/** The settings that both programs have. */
export type SharedSettings = Pick<QueueProcessorSettings, keyof ImdsAgentSettings & keyof QueueProcessorSettings>;
