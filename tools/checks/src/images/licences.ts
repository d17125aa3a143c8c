import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Component } from './bill-of-materials.ts';

const licenceFile = /^(licen[cs]e|notice|copying)/i;

/** The licence texts of packages, one after the other; a package without a file is named with what its package.json says. */
export async function licenceTexts(components: readonly Component[], nodeModules: string): Promise<string> {
  const texts = await Promise.all(components.map(async (component) => licenceOf(component, nodeModules)));
  return texts.join(`\n${'-'.repeat(80)}\n`);
}

async function licenceOf({ name, version }: Component, nodeModules: string): Promise<string> {
  const folder = join(nodeModules, name);
  const files = (await readdir(folder).catch(() => [])).filter((file) => licenceFile.test(file)).sort();
  const texts = await Promise.all(files.map(async (file) => readFile(join(folder, file), 'utf8')));
  const heading = `${name} ${version}\n`;
  if (texts.length > 0) return [heading, ...texts].join('\n');
  const declared = await readFile(join(folder, 'package.json'), 'utf8').then(
    (json) => /"license":\s*"([^"]+)"/.exec(json)?.[1],
    () => undefined,
  );
  return `${heading}\n${declared === undefined ? 'No licence text is in the package.' : `Licence: ${declared}`}\n`;
}
