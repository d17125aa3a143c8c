import { runImdsAgent } from './main.ts';

void runImdsAgent();
