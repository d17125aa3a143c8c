import { describe, expect, it } from 'vitest';
import { junitXml } from './junit.ts';

describe('JUnit XML', () => {
  it('counts the outcomes and escapes what people and programs wrote', () => {
    const xml = junitXml('e2e', [
      { name: 'a "b" <c>', proves: 'x & y', outcome: 'passed', durationMs: 1500 },
      {
        name: 'bad',
        proves: 'z',
        outcome: 'failed',
        durationMs: 500,
        message: 'one\ntwo',
        details: 'log \u0000\u001b[31m<x>',
      },
      { name: 'left out', proves: 'w', outcome: 'skipped', durationMs: 0, message: 'no Python' },
    ]);
    expect(xml).toContain('tests="3" failures="1" skipped="1" time="2.000"');
    expect(xml).toContain('name="a &quot;b&quot; &lt;c&gt;" time="1.500"');
    expect(xml).toContain('value="x &amp; y"');
    expect(xml).toContain('<failure message="one&#10;two">log \ufffd\ufffd[31m&lt;x&gt;</failure>');
    expect(xml).toContain('<skipped message="no Python"/>');
  });
});
