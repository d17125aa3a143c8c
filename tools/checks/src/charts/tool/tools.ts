import { buildComponents, chooseKubernetesVersion, GoBuildError } from '@node-termination-handler/control-plane';

/** The programs that judge the charts. */
export interface Tools {
  readonly helm: string;
  readonly kubeconform: string;
  readonly promtool: string;
  readonly actionlint: string;
}

/** Builds the programs with Go, or finds them built; undefined where there is no Go to build them with. */
export async function findTools(onProgress: (line: string) => void): Promise<Tools | undefined> {
  try {
    return await buildComponents(['helm', 'kubeconform', 'promtool', 'actionlint'], {
      version: chooseKubernetesVersion(),
      onProgress,
    });
  } catch (error) {
    if (!(error instanceof GoBuildError) || !error.message.startsWith('Go is needed')) throw error;
    return undefined;
  }
}
