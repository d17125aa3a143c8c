/** The rendered chart without the two files that go in word for word and have checks of their own: the dashboard and the alerts. */
export function readableSnapshot(yaml: string): string {
  return yaml
    .replaceAll(/^( {2}[\w-]+\.json: \|-\n)(?: {4}.*\n|\n)+/gm, '$1    (files/dashboard.json)\n')
    .replaceAll(/^( {2}groups:\n)(?: {4}.*\n|\n)+/gm, '$1    # (files/alerts.yaml)\n');
}
