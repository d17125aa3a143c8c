import { runQueueProcessor } from './program.ts';

void runQueueProcessor();
