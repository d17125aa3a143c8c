import path from 'node:path';
import { Application, LogLevel } from 'typedoc';
import type { Verdict } from '../finding.ts';
import { root } from '../workspace.ts';
import type { WorkspacePackage } from '../workspace.ts';

const REPOSITORY = 'https://github.com/node-termination-handler/node-termination-handler';

/** Makes a library's API reference in `results/api`; an export without a comment, or a comment that names something that is not there, is a problem. */
export async function makeApiReference({ name, folder, manifest }: WorkspacePackage): Promise<Verdict> {
  const app = await Application.bootstrap({
    entryPoints: [path.join(folder, 'src/index.ts')],
    tsconfig: path.join(folder, 'tsconfig.build.json'),
    basePath: root,
    // Links that are the same wherever the reference is made.
    disableGit: true,
    sourceLinkTemplate: `${REPOSITORY}/blob/main/{path}#L{line}`,
    excludeExternals: true,
    excludePrivate: true,
    readme: path.join(folder, 'README.md'),
    name: manifest.name,
    validation: { notExported: false, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ['Class', 'Function', 'Interface', 'TypeAlias', 'Variable', 'Enum'],
    logLevel: LogLevel.None,
  });
  const problems: string[] = [];
  app.logger = Object.assign(app.logger, {
    addContext: (message: string, level: LogLevel) => {
      if (level >= LogLevel.Warn) problems.push(message);
      return message;
    },
  });
  const project = await app.convert();
  if (project === undefined) return { problems: [...problems, 'it was not made'] };
  app.validate(project);
  await app.generateDocs(project, path.join(root, 'results/api', name));
  return { problems };
}
