import { charts, isOff, isOn, isUnset, isValues } from '../values.ts';
import type { Chart, Values } from '../values.ts';
import { text, texts, wholeNumber } from './readings.ts';
import { asked, changed, dropped, kept, ofParts, toEach } from './rule.ts';
import type { Account, Outcome, Rule, Situation } from './rule.ts';

const oldMetricsPort = 9092;
const oldProbesPort = 8080;
const readPort = wholeNumber(1, 65_535);

function sharesHostNetwork({ values, replacement }: Situation): boolean {
  return replacement === 'imds-agent' && !isOff(values.useHostNetwork);
}

/** A port: on the host network no two pods of a node can have it, so that the old one's would keep the new pods Pending. */
function portOf(
  what: string,
  setting: string,
  usual: number,
  value: unknown,
  name: string,
  situation: Situation,
): Outcome {
  const reading = readPort(value);
  if (reading.unclear !== undefined) return { to: {}, accounts: [asked(name, reading.unclear)] };
  const port = Number(reading.value);
  if (!sharesHostNetwork(situation)) {
    const account: Account = name === setting ? kept(name) : changed(name, `It is called \`${setting}\`.`);
    return { to: toEach(charts, { [setting]: port }), accounts: [account] };
  }
  const to = { 'queue-processor': { [setting]: port } };
  if (port === usual) {
    return {
      to,
      accounts: [dropped(name, `The agent has a port of its own for ${what}, so that both fit on a node.`)],
    };
  }
  const why = `On the host network the old pods hold ${port}. Once they are gone, set \`${setting}: ${port}\` if something else counts on it.`;
  return { to, accounts: [asked(name, why)] };
}

/** Where the metrics are. */
export const metricsPortRule: Rule = {
  fate: 'asked',
  about: 'On the host network the agent’s own port (9096) stands while the old pods hold theirs; elsewhere it is kept.',
  apply: (value, name, situation) => portOf('the metrics', name, oldMetricsPort, value, name, situation),
};

/** Where the probes are. */
export const probesPortRule: Rule = {
  fate: 'asked',
  about: 'On the host network the agent’s own port (9097) stands while the old pods hold theirs; elsewhere it is kept.',
  apply: (value, name, situation) => portOf('the probes', name, oldProbesPort, value, name, situation),
};

const timings = [
  'initialDelaySeconds',
  'periodSeconds',
  'timeoutSeconds',
  'failureThreshold',
  'successThreshold',
  'terminationGracePeriodSeconds',
];

/** The liveness probe: its port and path were those of the program as well. */
export const probesRule: Rule = {
  fate: 'changed',
  about: 'The timing is kept; `httpGet.path` and `httpGet.port` are `probesServerEndpoint` and `probesServerPort`.',
  apply: ofParts((value, name, situation) => {
    const to: Record<Chart, Record<string, unknown>> = { 'imds-agent': {}, 'queue-processor': {} };
    const accounts: Account[] = [];
    const timing: Record<string, number> = {};
    for (const [part, given] of Object.entries(value)) {
      const whole = `${name}.${part}`;
      if (part === 'httpGet') continue;
      const reading = timings.includes(part)
        ? wholeNumber(part === 'initialDelaySeconds' ? 0 : 1, 100_000)(given)
        : undefined;
      if (reading === undefined)
        accounts.push(dropped(whole, 'The programs are asked by HTTP, on the path and port of their settings.'));
      else if (reading.unclear !== undefined) accounts.push(asked(whole, reading.unclear));
      else {
        timing[part] = Number(reading.value);
        accounts.push(kept(whole));
      }
    }
    if (isValues(value.httpGet)) {
      const { path, port } = value.httpGet;
      if (!isUnset(path)) {
        for (const chart of charts) to[chart].probesServerEndpoint = String(path);
        accounts.push(changed(`${name}.httpGet.path`, 'It is called `probesServerEndpoint`.'));
      }
      if (!isUnset(port)) {
        const moved = portOf('the probes', 'probesServerPort', oldProbesPort, port, `${name}.httpGet.port`, situation);
        for (const chart of charts) Object.assign(to[chart], moved.to[chart]);
        accounts.push(...moved.accounts);
      }
    }
    if (Object.keys(timing).length > 0) for (const chart of charts) to[chart][name] = timing;
    return { to, accounts };
  }),
};

/** What the Prometheus operator scrapes: pods of the DaemonSets, or the Deployment's service. Without metrics there was nothing to make. */
export function monitorRule(chart: Chart): Rule {
  const kind = chart === 'imds-agent' ? 'DaemonSets' : 'Deployment';
  return {
    fate: 'kept',
    about: `It was made for the ${kind} only, and with \`enablePrometheusServer\` only: that is how it goes over.`,
    apply: ofParts((value, name, { values }) => {
      const monitor: Record<string, unknown> = {};
      const accounts: Account[] = [];
      for (const [part, given] of Object.entries(value)) {
        const whole = `${name}.${part}`;
        if (isUnset(given)) accounts.push(kept(whole));
        else if (part === 'create') {
          monitor.create = isOn(given) && isOn(values.enablePrometheusServer);
          const isLost = isOn(given) && !isOn(values.enablePrometheusServer);
          accounts.push(
            isLost ? changed(whole, 'Nothing was made without `enablePrometheusServer`, nor is now.') : kept(whole),
          );
        } else {
          const reading = readMonitor(part, given);
          if (reading === undefined) accounts.push(asked(whole, 'The new chart has no such part.'));
          else if (reading.unclear !== undefined) accounts.push(asked(whole, reading.unclear));
          else {
            monitor[part] = reading.value;
            accounts.push(reading.change === undefined ? kept(whole) : changed(whole, reading.change));
          }
        }
      }
      return { to: Object.keys(monitor).length === 0 ? {} : { [chart]: { [name]: monitor } }, accounts };
    }),
  };
}

function readMonitor(part: string, value: unknown) {
  switch (part) {
    case 'namespace':
      return text(value);
    case 'interval':
      return typeof value === 'number' ? { value: `${value}s`, change: 'A number has no unit: seconds.' } : text(value);
    case 'sampleLimit':
      return wholeNumber(0, 999_999_999)(value);
    case 'labels':
      return texts(value);
    default:
      return undefined;
  }
}

/** A budget for the Deployment's pods; the old chart made one for two replicas or more. */
export const budgetRule: Rule = {
  fate: 'kept',
  about:
    'With one replica there was none: it is left out then, since it would keep the pod’s own node from being emptied.',
  apply: ofParts((value, name, { values }) => {
    if (!(Number(values.replicas ?? 1) > 1)) {
      return {
        to: {},
        accounts: [dropped(name, 'There was none for one replica, and it would hold up the drain of its node.')],
      };
    }
    const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = value;
    const budget = { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy };
    const given: Values = Object.fromEntries(Object.entries(budget).filter(([, part]) => part !== undefined));
    return { to: { 'queue-processor': { [name]: given } }, accounts: [kept(name)] };
  }),
};
