import { runQueueProcessor } from './main.ts';

void runQueueProcessor();
