import { charts, isUnset, isValues } from '../values.ts';
import { address, shown, text } from './readings.ts';
import { asked, changed, dropped, keep, kept, toEach } from './rule.ts';
import type { Outcome, Rule } from './rule.ts';

/** A value that gives way to another, which won before and is all that the new charts take. */
function unless(other: string, rule: Rule): Rule {
  const about = `Where \`${other}\` is set too, that won, and is all that goes over.`;
  return {
    ...rule,
    about,
    apply(value, name, situation) {
      if (!isUnset(situation.values[other])) {
        return { to: {}, accounts: [dropped(name, `\`${other}\` is set too, and won.`)] };
      }
      return rule.apply(value, name, situation);
    },
  };
}

export const webhookURLRule = unless('webhookURLSecretName', keep(address('http', 'https'), ...charts));

const bothOfConfigMap = ['webhookTemplateConfigMapName', 'webhookTemplateConfigMapKey'] as const;

/** The template in a ConfigMap won where both its name and its key were given. */
export const webhookTemplateRule: Rule = {
  ...keep(text, ...charts),
  about: 'Where a template in a ConfigMap is named with its key, that won, and is all that goes over.',
  apply(value, name, situation) {
    if (bothOfConfigMap.every((part) => !isUnset(situation.values[part]))) {
      return { to: {}, accounts: [dropped(name, 'The template in the ConfigMap won.')] };
    }
    return keep(text, ...charts).apply(value, name, situation);
  },
};

/** A ConfigMap's name without a key, or a key without a name, did nothing. */
export const templateConfigMapRule: Rule = {
  ...keep(text, ...charts),
  about: 'Name and key are needed together: one alone did nothing.',
  apply(value, name, situation) {
    const lacking = bothOfConfigMap.find((part) => isUnset(situation.values[part]));
    if (lacking !== undefined) return { to: {}, accounts: [asked(name, `Without \`${lacking}\` it did nothing.`)] };
    return keep(text, ...charts).apply(value, name, situation);
  },
};

/** Headers are one text of JSON; a map was printed as Go prints it, which is none. */
export const webhookHeadersRule: Rule = {
  fate: 'kept',
  about: 'A text of JSON; names and values are written as one.',
  apply(value, name): Outcome {
    if (typeof value === 'string') return { to: toEach(charts, { [name]: value }), accounts: [kept(name)] };
    if (!isValues(value)) return { to: {}, accounts: [asked(name, `${shown(value)} is no text of JSON.`)] };
    return {
      to: toEach(charts, { [name]: JSON.stringify(value) }),
      accounts: [changed(name, 'It is a text of JSON.')],
    };
  },
};

/** Annotations of Kubernetes events are one text of pairs. */
export function eventAnnotationsRule(target: string): Rule {
  return {
    fate: target === 'kubernetesEventsExtraAnnotations' ? 'kept' : 'renamed',
    about: '',
    apply(value, name): Outcome {
      const pairs = isValues(value)
        ? Object.entries(value)
            .map(([key, inner]) => `${key}=${String(inner)}`)
            .join(',')
        : value;
      if (typeof pairs !== 'string') return { to: {}, accounts: [asked(name, `${shown(value)} is no list of pairs.`)] };
      const why = [
        ...(name === target ? [] : [`It is called \`${target}\`.`]),
        ...(isValues(value) ? ['It is a text of pairs.'] : []),
      ];
      return {
        to: toEach(charts, { [target]: pairs }),
        accounts: [
          why.length === 0
            ? kept(name)
            : { value: name, fate: name === target ? 'changed' : 'renamed', why: why.join(' ') },
        ],
      };
    },
  };
}
