import { mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import type { Verdict } from '../finding.ts';
import { root } from '../workspace.ts';
import type { WorkspacePackage } from '../workspace.ts';

/** Where the reports lie: a change of what a library offers shows in the review of its report. */
const REPORTS = path.join(root, 'docs/api');

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['esnext'],
  types: ['node'],
  skipLibCheck: true,
  strict: true,
};

/** Compares what a library exports with its report; `isWriting` makes the report anew. */
export async function compareApiReport({ name, folder }: WorkspacePackage, isWriting: boolean): Promise<Verdict> {
  await mkdir(REPORTS, { recursive: true });
  await using temporary = await mkdtempDisposable(path.join(tmpdir(), 'nth-api-'));
  const entry = path.join(folder, 'dist/index.d.ts');
  const quiet = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: REPORTS,
        reportTempFolder: temporary.path,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: quiet,
        tsdocMessageReporting: quiet,
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(folder, 'package.json'),
  });
  const errors: string[] = [];
  const result = Extractor.invoke(config, {
    localBuild: isWriting,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.text);
      message.handled = true;
    },
  });
  const changed = `what ${name} exports is not what docs/api/${name}.api.md says: see whether that breaks users, then run npm run package-check -- --write`;
  const isStale = result.apiReportChanged && !isWriting;
  return { problems: [...(isStale ? [changed] : []), ...errors] };
}
