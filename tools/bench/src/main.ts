import { parseOptions } from './options.ts';
import { runBenches } from './run-benches.ts';
import { checkSizes } from './size/check-sizes.ts';

const options = parseOptions(process.argv.slice(2));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
if (options.size) process.exitCode = (await checkSizes(say)) ? 0 : 1;
else await runBenches(options, say);
