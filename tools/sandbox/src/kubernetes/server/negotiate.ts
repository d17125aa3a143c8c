import type { Form } from '../object/json.ts';
import { goTypeOf } from '../resources/definition.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { noAcceptableType, notAcceptable } from '../status.ts';

const served = ['application/json', 'application/*', '*/*'];

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * In which form the client wants objects, by its `Accept` header: the first clause that the simulator can serve.
 * Tables and Protobuf are not simulated: a client that also takes JSON gets JSON, another one 406.
 * @throws {ApiError} 406 when there is none.
 */
export function negotiatedForm(
  accept: string | undefined,
  shape: 'object' | 'list' | 'watch',
  definition: ResourceDefinition,
): Form {
  if (accept === undefined || accept.trim() === '') return 'whole';
  for (const { type, parameters } of accept.split(',').map(parseClause)) {
    if (!served.includes(type)) continue;
    const as = parameters.get('as');
    if (as === undefined) return 'whole';
    if (parameters.get('g') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(parameters.get('v') ?? '')) continue;
    if (as === (shape === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata')) return 'metadata';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      throw notAcceptable(
        shape === 'list'
          ? `you requested PartialObjectMetadata, but the requested object is a list (*${goTypeOf(definition)}List)`
          : `you requested PartialObjectMetadataList, but the requested object is not a list (*${goTypeOf(definition)})`,
      );
    }
  }
  throw noAcceptableType();
}

function parseClause(clause: string): Clause {
  const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
  const pairs = parameters.map((parameter) => {
    const at = parameter.indexOf('=');
    return [parameter.slice(0, at), parameter.slice(at + 1)] as const;
  });
  return { type: type.toLowerCase(), parameters: new Map(pairs) };
}
