import XMLBuilder from 'fast-xml-builder';
import type { CaseResult } from './case-result.ts';

/**
 * The results as JUnit XML.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function junitXml(suite: string, results: readonly CaseResult[]): string {
  const failures = results.filter(({ outcome }) => outcome === 'failed').length;
  const counts = { '@name': suite, '@tests': results.length, '@failures': failures };
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...counts, testsuite: { ...counts, testcase: results.map(testCase) } },
  });
}

function testCase({ group, name, durationMs, outcome, violations, details = '' }: CaseResult) {
  return {
    '@classname': group,
    '@name': name,
    '@time': (durationMs / 1000).toFixed(3),
    ...(outcome === 'failed' && { failure: { '@message': violations.join('; '), '#text': details } }),
  };
}
