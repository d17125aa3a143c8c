import { describe, expect, it } from 'vitest';
import { withValuesTable } from './values-table.ts';

const readme = '# A\n\n<!-- values: generated from values.yaml -->\nold\n<!-- /values -->\nend\n';

const values = `# About the whole file.

# --- First ---

# What a is
# for, a|b.
a: 1

# An image.
image:
  # Where it is.
  repository: r
  tag: ''
list: [{b: 1}]
none: {}
`;

describe('withValuesTable', () => {
  it('has a row for each value, with its default and its comment', () => {
    expect(withValuesTable(readme, values)).toBe(`# A

<!-- values: generated from values.yaml -->

| value | default | meaning |
| --- | --- | --- |
| \`a\` | \`1\` | What a is for, a\\|b. |
| \`image.repository\` | \`r\` | An image. Where it is. |
| \`image.tag\` | \`''\` |  |
| \`list\` | \`[{"b":1}]\` |  |
| \`none\` | \`{}\` |  |

<!-- /values -->
end
`);
  });

  it('changes nothing the second time', () => {
    const once = withValuesTable(readme, values);
    expect(withValuesTable(once, values)).toBe(once);
  });

  it('refuses a file without its markers', () => {
    expect(() => withValuesTable('# A\n', values)).toThrow('README.md needs the lines');
  });
});
