import { runAgent, runProcessor } from './incumbent.ts';

// Behaves like the incumbent where it counts: when it looks, how often it asks, and what it asks for.
if (process.argv[2] === 'agent') runAgent(process.env);
else runProcessor(process.env);
