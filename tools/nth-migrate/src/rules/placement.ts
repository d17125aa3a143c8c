import { isUnset, isValues } from '../values.ts';
import type { Chart, Values } from '../values.ts';
import { shown } from './readings.ts';
import { asked, changed, dropped, kept } from './rule.ts';
import type { Account, Outcome, Rule, Situation } from './rule.ts';

/** What says where pods run, as it stands behind a prefix such as `daemonset`. */
type Placement = 'NodeSelector' | 'Affinity' | 'Tolerations';

/** Its name without a prefix. */
function generalName(what: Placement): string {
  return `${what.slice(0, 1).toLowerCase()}${what.slice(1)}`;
}

/** A value for pods that the Go handler's DaemonSets took before `daemonset…`, and that is the Deployment's otherwise. */
export function generalPlacement(what: Placement, isFitting: (value: unknown) => boolean): Rule {
  const name = generalName(what);
  return {
    fate: 'renamed',
    about: `For DaemonSets it is called \`daemonset${what}\`; for the Deployment the name stays.`,
    apply(value, given, situation) {
      if (!isFitting(value))
        return { to: {}, accounts: [asked(given, `${shown(value)} has not the form of ${name}.`)] };
      const own = rewritten(value, 'queue-processor', situation);
      const inAgent = situation.replacement === 'imds-agent';
      const whys = [
        ...(inAgent ? [`For imds-agent it is called \`daemonset${what}\`.`] : []),
        ...(own.isChanged ? [selectorsRewritten] : []),
      ];
      return {
        to: {
          'queue-processor': { [name]: own.value },
          ...(inAgent ? { 'imds-agent': daemonsetPlacement(what, situation) } : {}),
        },
        accounts: [whys.length === 0 ? kept(given) : changed(given, whys.join(' '))],
      };
    },
  };
}

/** `daemonset…`, `linux…` and `windows…`: the last two win over the first, and so did the general one without a prefix. */
export function systemPlacement(what: Placement, isFitting: (value: unknown) => boolean): Rule {
  const general = generalName(what);
  return {
    fate: 'kept',
    about:
      what === 'NodeSelector'
        ? 'Those of one system are added to those of all, where the Go handler replaced them.'
        : '',
    apply(value, name, situation): Outcome {
      if (!isFitting(value))
        return { to: {}, accounts: [asked(name, `${shown(value)} has not the form of ${general}.`)] };
      const isForAll = name.startsWith('daemonset');
      if (isForAll && situation.replacement === 'imds-agent' && !isUnset(situation.values[general])) {
        return { to: {}, accounts: [dropped(name, `\`${general}\` won over it.`)] };
      }
      const own = rewritten(value, 'imds-agent', situation);
      return {
        to: { 'imds-agent': daemonsetPlacement(what, situation) },
        accounts: [own.isChanged ? changed(name, selectorsRewritten) : kept(name)],
      };
    },
  };
}

/** What the DaemonSets of the file had, for each system, in the new chart's names. */
function daemonsetPlacement(what: Placement, situation: Situation): Values {
  const { values, replacement } = situation;
  const general = replacement === 'imds-agent' ? values[generalName(what)] : undefined;
  const all = isUnset(general) ? values[`daemonset${what}`] : general;
  const ofSystem = { linux: values[`linux${what}`], windows: values[`windows${what}`] };
  const some = Object.entries(ofSystem).filter(([, value]) => !isUnset(value));
  const own = (value: unknown) => rewritten(value, 'imds-agent', situation).value;
  // The new chart adds a system's node selector to that of all systems: what replaced must stand alone.
  if (what === 'NodeSelector' && some.length > 0) {
    const each = Object.entries(ofSystem).map(([system, value]) => [`${system}${what}`, isUnset(value) ? all : value]);
    return Object.fromEntries(each.filter(([, value]) => !isUnset(value))) as Values;
  }
  return {
    ...(isUnset(all) ? {} : { [`daemonset${what}`]: own(all) }),
    ...Object.fromEntries(some.map(([system, value]) => [`${system}${what}`, own(value)])),
  };
}

const selectorsRewritten = 'Selectors of the old pods name the new ones; a release’s name is left out of them.';

const oldName = 'aws-node-termination-handler';
const nameLabel = 'app.kubernetes.io/name';
const nameLabels = [nameLabel, 'k8s-app'];
/** Labels of the old pods that the new ones have not, or with another meaning. */
const otherLabels = ['app.kubernetes.io/instance', 'app.kubernetes.io/component', 'kubernetes.io/os'];

/** A value in which selectors of pods that name the old ones name those of the new chart. */
function rewritten(
  value: unknown,
  chart: Chart,
  situation: Situation,
): { readonly value: unknown; readonly isChanged: boolean } {
  const { nameOverride } = situation.values;
  const newName = typeof nameOverride === 'string' && nameOverride !== '' ? nameOverride : chart;
  const oldNames = [oldName, newName];
  const walk = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(walk);
    if (!isValues(inner)) return inner;
    const isSelector = isValues(inner.matchLabels) || Array.isArray(inner.matchExpressions);
    if (isSelector && namesOld(inner, oldNames)) return selectorOf(inner, newName);
    return Object.fromEntries(
      Object.entries(inner).map(([name, part]) => [name, name === 'nodeAffinity' ? part : walk(part)]),
    );
  };
  const result = walk(value);
  return { value: result, isChanged: JSON.stringify(result) !== JSON.stringify(value) };
}

function namesOld(selector: Values, names: readonly string[]): boolean {
  const labels = isValues(selector.matchLabels) ? selector.matchLabels : {};
  const isInstance = (value: unknown) => String(value).includes(oldName);
  if (nameLabels.some((label) => names.includes(String(labels[label])))) return true;
  if (isInstance(labels['app.kubernetes.io/instance'])) return true;
  return expressionsOf(selector).some(
    ({ key, values }) =>
      (nameLabels.includes(String(key)) || key === 'app.kubernetes.io/instance') &&
      Array.isArray(values) &&
      values.some((one) => names.includes(String(one)) || isInstance(one)),
  );
}

function expressionsOf(selector: Values): readonly Values[] {
  return Array.isArray(selector.matchExpressions) ? selector.matchExpressions.filter(isValues) : [];
}

/** The selector with the new name, and what it says of labels of the user's own. */
function selectorOf(selector: Values, newName: string): Values {
  const isOurs = (label: string) => nameLabels.includes(label) || otherLabels.includes(label);
  const labels = isValues(selector.matchLabels) ? selector.matchLabels : {};
  const others = Object.entries(labels).filter(([label]) => !isOurs(label));
  const expressions = expressionsOf(selector).filter(({ key }) => !isOurs(String(key)));
  return {
    matchLabels: { [nameLabel]: newName, ...Object.fromEntries(others) },
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  };
}

/** Spread of the Deployment's pods. */
export const spreadRule: Rule = {
  fate: 'kept',
  about: 'Selectors of the old pods are rewritten.',
  apply(value, name, situation): Outcome {
    if (!Array.isArray(value)) return { to: {}, accounts: [asked(name, `${shown(value)} is no list.`)] };
    const own = rewritten(value, 'queue-processor', situation);
    const account: Account = own.isChanged ? changed(name, selectorsRewritten) : kept(name);
    return { to: { 'queue-processor': { [name]: own.value } }, accounts: [account] };
  },
};
