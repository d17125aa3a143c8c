import { charts, isValues } from '../values.ts';
import type { Chart, Values } from '../values.ts';
import { shown } from './readings.ts';
import { quantity } from './quantities.ts';
import { changed, kept, ofParts } from './rule.ts';
import type { Account, Rule } from './rule.ts';

interface Sizes {
  /** The least memory limit that a program's heap fits in, in MiB: the chart refuses less. */
  readonly leastMemoryMiB: number;
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** What the new charts ask for; Helm merges a user's values with it. A test holds it to the charts' values. */
export const chartSizes: Readonly<Record<Chart, Sizes>> = {
  'imds-agent': { leastMemoryMiB: 112, requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  'queue-processor': { leastMemoryMiB: 304, requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '384Mi' } },
};

/** Memory and processor, measured against what the new programs need. */
export const resourcesRule: Rule = {
  fate: 'changed',
  about: 'Memory limits below what the program needs are left out; requests above a limit are lowered to it.',
  apply: ofParts((value, name, { replacement }) => {
    const fitted = charts.map((chart) => [chart, fit(value, chart)] as const);
    const whys = fitted.find(([chart]) => chart === replacement)?.[1].whys ?? [];
    const processor = isValues(value.limits) && value.limits.cpu !== undefined ? [slowed] : [];
    const all = [...whys, ...processor];
    const account: Account = all.length > 0 ? changed(name, all.join(' ')) : kept(name);
    return {
      to: Object.fromEntries(fitted.map(([chart, { resources }]) => [chart, { [name]: resources }])),
      accounts: [account],
    };
  }),
};

const slowed = 'The processor limit is kept: it slows the start, and the seconds before a node goes. None is better.';

function fit(given: Values, chart: Chart): { readonly resources: Values; readonly whys: readonly string[] } {
  const sizes = chartSizes[chart];
  const whys: string[] = [];
  const limits: Record<string, unknown> = isValues(given.limits) ? { ...given.limits } : {};
  const requests: Record<string, unknown> = isValues(given.requests) ? { ...given.requests } : {};
  const memory = quantity(limits.memory);
  if (memory !== undefined && memory < sizes.leastMemoryMiB * 2 ** 20) {
    whys.push(
      `A memory limit of ${String(limits.memory)} is too little for ${chart}, which needs ${sizes.leastMemoryMiB}Mi: the chart's own stands.`,
    );
    delete limits.memory;
  }
  for (const resource of ['cpu', 'memory'] as const) {
    const limit = limits[resource] ?? sizes.limits[resource];
    const request = requests[resource] ?? sizes.requests[resource];
    if ((quantity(request) ?? 0) <= (quantity(limit) ?? Number.POSITIVE_INFINITY)) continue;
    requests[resource] = limit;
    whys.push(`No request may be above its limit: that of ${resource} is ${shown(limit)} now.`);
  }
  const some = (part: Values) => Object.keys(part).length > 0;
  const resources = { ...given, ...(some(requests) ? { requests } : {}), ...(some(limits) ? { limits } : {}) };
  return { resources: some(limits) ? resources : withoutLimits(resources), whys };
}

function withoutLimits(resources: Values): Values {
  return Object.fromEntries(Object.entries(resources).filter(([name]) => name !== 'limits'));
}
