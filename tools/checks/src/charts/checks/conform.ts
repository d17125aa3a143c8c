import { supportedKubernetesVersions } from '@node-termination-handler/control-plane';
import { join } from 'node:path';
import { schemaFileTemplate, schemaFolder } from '../kubeconform/schema-files.ts';
import { run } from '../tool/run.ts';
import type { Check } from './check.ts';
import { CheckFailure } from './check.ts';

/** Every object is one that each supported version of Kubernetes knows, field by field. */
export const conforms: Check = {
  name: 'kubeconform',
  needsGo: true,
  async run({ tools, rendered }) {
    const versions = supportedKubernetesVersions();
    for (const version of versions) {
      const location = join(await schemaFolder(version), schemaFileTemplate);
      for (const [{ program, name }, input] of rendered) {
        const args = ['-strict', '-summary', '-schema-location', location, '-'];
        const { code, stdout, stderr } = await run(tools.kubeconform, args, { input });
        if (code !== 0) throw new CheckFailure(`${program}, ${name}, Kubernetes ${version.patch}: ${stdout}${stderr}`);
      }
    }
    return `${rendered.size} cases on ${versions.map(({ minor }) => minor).join(', ')}`;
  },
};
