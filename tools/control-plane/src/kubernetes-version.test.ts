import { describe, expect, it } from 'vitest';
import { chooseKubernetesVersion, supportedKubernetesVersions, UnknownKubernetesVersionError } from './components.ts';

describe('chooseKubernetesVersion', () => {
  const all = supportedKubernetesVersions();

  it('finds a pinned module for each version, oldest first', () => {
    expect(all.length).toBeGreaterThan(0);
    for (const version of all) expect(version.patch.startsWith(`${version.minor}.`)).toBe(true);
    expect(all.map((version) => Number(version.minor.slice(2)))).toEqual(
      all.map((version) => Number(version.minor.slice(2))).sort((one, other) => one - other),
    );
  });

  it('takes a minor, a patch, or a word', () => {
    const [first] = all;
    expect(chooseKubernetesVersion(first!.minor)).toEqual(first);
    expect(chooseKubernetesVersion(`v${first!.patch}`)).toEqual(first);
    expect(chooseKubernetesVersion('oldest')).toEqual(first);
    expect(chooseKubernetesVersion('newest')).toEqual(all.at(-1));
    expect(chooseKubernetesVersion('')).toEqual(all.at(-1));
  });

  it('names what is there when asked for what is not', () => {
    expect(() => chooseKubernetesVersion('1.2')).toThrow(UnknownKubernetesVersionError);
    expect(() => chooseKubernetesVersion('1.2')).toThrow(all[0]!.patch);
  });
});
