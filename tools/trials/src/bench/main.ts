import { parseOptions } from './options.ts';
import { runBenches } from './run-benches.ts';

await runBenches(parseOptions(process.argv.slice(2)), (line) => void process.stdout.write(`${line}\n`));
