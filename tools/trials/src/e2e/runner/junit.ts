import type { ScenarioResult } from './result.ts';

/**
 * The results as JUnit XML.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function junitXml(suite: string, results: readonly ScenarioResult[]): string {
  const count = (outcome: ScenarioResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  const time = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const attributes =
    `name=${quote(suite)} tests="${results.length}" failures="${count('failed')}" ` +
    `skipped="${count('skipped')}" time="${time.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes}>`,
    `  <testsuite ${attributes}>`,
    ...results.map((result) => testCase(suite, result)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, { name, proves, outcome, durationMs, message = '', details = '' }: ScenarioResult) {
  const head = `    <testcase classname=${quote(suite)} name=${quote(name)} time="${(durationMs / 1000).toFixed(3)}">`;
  const properties = `<properties><property name="proves" value=${quote(proves)}/></properties>`;
  switch (outcome) {
    case 'passed':
      return `${head}${properties}</testcase>`;
    case 'skipped':
      return `${head}${properties}<skipped message=${quote(message)}/></testcase>`;
    case 'failed':
      return `${head}${properties}<failure message=${quote(message)}>${text(details)}</failure></testcase>`;
  }
}

function quote(value: string): string {
  return `"${text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

function text(value: string): string {
  // XML has no way to write most control characters, not even escaped.

  const printable = value.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
