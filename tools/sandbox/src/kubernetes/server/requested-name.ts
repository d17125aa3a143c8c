/**
 * The name that a list or a watch asks for by `fieldSelector=metadata.name=x`: the API server's authorization takes it
 * for the name of the request, so that rules with `resourceNames` cover it.
 */
export function requestedName(query: URLSearchParams): string {
  const terms = (query.get('fieldSelector') ?? '').split(',');
  const match = terms.map((term) => /^metadata\.name==?(?<name>[^=!]+)$/.exec(term)).find((found) => found !== null);
  return match?.groups?.name ?? '';
}
