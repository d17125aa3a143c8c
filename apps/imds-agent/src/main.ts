import { runImdsAgent } from './program.ts';

void runImdsAgent();
