import type { KubernetesObject } from '../object/kubernetes-object.ts';
import { readAt, readList, readString } from '../object/read.ts';
import type { FieldError } from '../status.ts';
import { duplicateValue, forbiddenValue, invalidValue, requiredValue, unsupportedValue } from './field-errors.ts';
import { labelValueFaults, qualifiedNameFaults } from './names.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** What is wrong with a node's taints; see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/. */
export function nodeErrors(node: KubernetesObject, previous?: KubernetesObject): readonly FieldError[] {
  return [...taintErrors(node), ...(previous === undefined ? [] : providerIdErrors(node, previous))];
}

function taintErrors(node: KubernetesObject): readonly FieldError[] {
  const seen = new Set<string>();
  return readList(node, 'spec', 'taints').flatMap((taint, index) => {
    // The real server calls the path of a node's taints `metadata.taints`.
    const path = `metadata.taints[${index}]`;
    const key = readString(taint, 'key') ?? '';
    const value = readString(taint, 'value') ?? '';
    const effect = readString(taint, 'effect') ?? '';
    const pair = `${key}:${effect}`;
    const twice = seen.has(pair);
    seen.add(pair);
    return [
      ...qualifiedNameFaults(key).map((fault) => invalidValue(`${path}.key`, key, fault)),
      ...labelValueFaults(value).map((fault) => invalidValue(`${path}.value`, value, fault)),
      ...(effect === '' ? [requiredValue(`${path}.effect`)] : []),
      ...(effect !== '' && !effects.includes(effect) ? [unsupportedValue(`${path}.effect`, effect, effects)] : []),
      ...(twice
        ? [
            duplicateValue(
              path,
              `${JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: readAt(taint, 'timeAdded') ?? null })}: taints must be unique by key and effect pair`,
            ),
          ]
        : []),
    ];
  });
}

function providerIdErrors(node: KubernetesObject, previous: KubernetesObject): readonly FieldError[] {
  const before = readString(previous, 'spec', 'providerID') ?? '';
  const changed = before !== '' && (readString(node, 'spec', 'providerID') ?? '') !== before;
  return changed
    ? [forbiddenValue('spec.providerID', 'node updates may not change providerID except from "" to valid')]
    : [];
}
