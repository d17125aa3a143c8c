import { bundleApp } from './bundle-app.ts';

const [app] = process.argv.slice(2);
if (app === undefined) {
  process.stderr.write('usage: tools/checks/src/bundle/main.ts <folder of an app>\n');
  process.exitCode = 1;
} else {
  const { directory, files } = await bundleApp(app);
  for (const { name, bytes } of files) process.stdout.write(`${directory}/${name} ${Math.round(bytes / 1024)} KiB\n`);
}
