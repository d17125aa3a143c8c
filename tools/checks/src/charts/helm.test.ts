import { describe, expect, it } from 'vitest';
import { readableSnapshot } from './helm.ts';

describe('readableSnapshot', () => {
  it('leaves out the files that go in word for word', () => {
    const yaml =
      'data:\n  nth.json: |-\n    {\n      "a": 1\n    }\n---\nspec:\n  groups:\n  - name: a\n    rules: []\n---\nkind: B\n';
    expect(readableSnapshot(yaml)).toBe(
      'data:\n  nth.json: |-\n    (files/dashboard.json)\n---\nspec:\n  groups:\n    # (files/alerts.yaml)\n---\nkind: B\n',
    );
  });

  it('leaves everything else as it is', () => {
    const yaml = 'data:\n  a.txt: |-\n    b\nspec:\n  rules:\n    - c\n';
    expect(readableSnapshot(yaml)).toBe(yaml);
  });
});
