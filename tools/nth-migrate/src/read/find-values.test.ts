import { describe, expect, it } from 'vitest';
import { findValues } from './find-values.ts';
import { valuesOf } from './set-list.ts';
import { findTerraformValues } from './terraform.ts';

describe('findValues', () => {
  it('takes a file for values, and an empty one for all defaults', () => {
    expect(findValues('taintNode: true\n').values).toEqual({ taintNode: true });
    expect(findValues('').values).toEqual({});
    expect(findValues('# nothing\n').values).toEqual({});
    expect(findValues('podLabels: {a: b}\n').values).toEqual({ podLabels: { a: 'b' } });
  });

  it('looks for the key of a dependency', () => {
    expect(findValues('aws-node-termination-handler: {dryRun: true}\nnth2: {taintNode: true}\n')).toMatchObject({
      values: { dryRun: true },
      where: 'the key aws-node-termination-handler',
    });
    expect(findValues('spot: {enableSpotInterruptionDraining: true}\ndns: {logLevel: debug}\n').where).toBe(
      'the key spot',
    );
    expect(findValues('spot: {dryRun: true}\n', 'spot').values).toEqual({ dryRun: true });
  });

  it('resolves anchors and merges', () => {
    expect(findValues('x-a: &a {b: c}\npodLabels: {<<: *a, d: e}\ntaintNode: true\n').values).toMatchObject({
      podLabels: { b: 'c', d: 'e' },
    });
  });

  it('lets the object win over the text, and parameters over both, in an Application', () => {
    const yaml = `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: nth}
spec:
  source:
    chart: aws-node-termination-handler
    helm:
      valueFiles: [prod.yaml]
      values: 'podLabels: {a: text, b: text, c: text}'
      valuesObject: {podLabels: {b: object, c: object}}
      parameters: [{name: podLabels.c, value: parameter}]
`;
    expect(findValues(yaml)).toEqual({
      values: { podLabels: { a: 'text', b: 'object', c: 'parameter' } },
      where: 'the Application nth',
      elsewhere: ['valueFiles prod.yaml'],
    });
  });

  it.each([
    ['no YAML', 'a: [', 'this is no YAML'],
    ['a text', 'just text', 'names and values at its top'],
    [
      'another object',
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n',
      'no values of aws-node-termination-handler in Service',
    ],
    ['two keys', 'a: {taintNode: true}\nb: {taintNode: false}\n', 'under a or b: use --key'],
    ['two releases', 'taintNode: true\n---\ntaintNode: false\n', 'several releases'],
  ])('says what is wrong with %s', (_, yaml, message) => {
    expect(() => findValues(yaml)).toThrow(message);
  });

  it('says that there is nothing under a key', () => {
    expect(() => findValues('b: 1', 'a')).toThrow('no values under "a"');
  });
});

describe('valuesOf', () => {
  const of = (name: string, value: unknown, isText = false) => valuesOf([{ name, value, isText }]);

  it('follows dots, indexes and escapes', () => {
    expect(of('a.b', 'c')).toEqual({ a: { b: 'c' } });
    expect(of('serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn', 'x')).toEqual({
      serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'x' } },
    });
    expect(
      valuesOf([
        { name: 'tolerations[0].key', value: 'a', isText: false },
        { name: 'tolerations[0].operator', value: 'Exists', isText: false },
      ]),
    ).toEqual({ tolerations: [{ key: 'a', operator: 'Exists' }] });
  });

  it('reads values as Helm does, unless they are text', () => {
    expect(of('a', 'true')).toEqual({ a: true });
    expect(of('a', '12')).toEqual({ a: 12 });
    expect(of('a', '012')).toEqual({ a: '012' });
    expect(of('a', '{x,y}')).toEqual({ a: ['x', 'y'] });
    expect(of('a', 'x\\,y')).toEqual({ a: 'x,y' });
    expect(of('a', 'true', true)).toEqual({ a: 'true' });
  });

  it('touches no prototype', () => {
    valuesOf([
      { name: '__proto__.polluted', value: 'yes', isText: false },
      { name: 'a.__proto__.polluted', value: 'yes', isText: false },
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('findTerraformValues', () => {
  it('names what Terraform has to work out', async () => {
    const { values, where, elsewhere } = await findTerraformValues(`
resource "helm_release" "nth" {
  chart  = "aws-node-termination-handler"
  values = [yamlencode({ taintNode = true, podLabels = { a = "b", c = var.c } }), file("more.yaml")]
  set {
    name  = "awsRegion"
    value = var.region
  }
  set {
    name  = "dryRun"
    value = true
  }
}`);
    expect(values).toEqual({ taintNode: true, podLabels: { a: 'b' }, dryRun: true });
    expect(where).toBe('the helm_release nth');
    expect(elsewhere).toEqual([
      'the value of podLabels.c, "${var.c}"',
      'values ${file("more.yaml")}',
      'the value of awsRegion, ${var.region}',
    ]);
  });

  it.each([
    ['no Terraform', 'resource "helm_release" {', 'this is no Terraform'],
    ['no release', 'variable "a" {}', 'no helm_release'],
  ])('says what is wrong with %s', async (_, hcl, message) => {
    await expect(findTerraformValues(hcl)).rejects.toThrow(message);
  });
});
