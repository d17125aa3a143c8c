import { bundleApp } from './bundle-app.ts';

const [app] = process.argv.slice(2);
if (app === undefined) {
  process.stderr.write('usage: tools/bundle/src/main.ts <folder of an app>\n');
  process.exitCode = 1;
} else {
  const { file, bytes } = await bundleApp(app);
  process.stdout.write(`${file} ${Math.round(bytes / 1024)} KiB\n`);
}
