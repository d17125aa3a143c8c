import type { Form } from '../object/json.ts';
import { goTypeOf } from '../resources/definition.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { noAcceptableType, notAcceptable } from '../status.ts';

const served = ['application/json', 'application/*', '*/*'];

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
  for (const clause of accept.split(',')) {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters = new URLSearchParams(rest.join('&'));
    if (!served.includes(type.toLowerCase())) continue;
    const as = parameters.get('as');
    if (as === null) return 'whole';
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
