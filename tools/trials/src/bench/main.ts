import { runCommand } from '../command-line.ts';
import { parseOptions, runBenches } from './run-benches.ts';

// node -C @node-termination-handler/source tools/trials/src/bench/main.ts

await runCommand((say) => runBenches(parseOptions(process.argv.slice(2)), say));
