import { describe, expect, it } from 'vitest';
import { doublesOf, programStarts } from './environment.ts';
import { manifestsOf } from './manifests.ts';

const yaml = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: a}
---
# nothing
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: a}
spec:
  template:
    spec:
      containers:
        - args: [--check]
          env:
            - {name: WORKERS, value: "5"}
            - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
            - {name: WEBHOOK_URL, valueFrom: {secretKeyRef: {name: s, key: webhookurl}}}
            - {name: OTHER, valueFrom: {configMapKeyRef: {name: s, key: k}}}
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    - name: bare
`;

describe('programStarts', () => {
  it('finds how pods start, with what the cluster fills in', () => {
    expect(manifestsOf(yaml).map(({ kind }) => kind)).toEqual(['ServiceAccount', 'DaemonSet', 'Pod']);
    expect(programStarts(manifestsOf(yaml))).toEqual([
      {
        args: ['--check'],
        env: {
          WORKERS: '5',
          NODE_NAME: 'ip-10-0-0-1.ec2.internal',
          WEBHOOK_URL: 'https://hooks.example.com/a',
          OTHER: '',
        },
      },
      { args: [], env: {} },
    ]);
  });
});

describe('doublesOf', () => {
  it('finds what server-side apply would refuse', () => {
    const pod = {
      containers: [
        {
          env: [{ name: 'A' }, { name: 'B' }, { name: 'A' }],
          ports: [{ containerPort: 1 }, { containerPort: 2 }],
          volumeMounts: [{ mountPath: '/a' }, { mountPath: '/a' }],
        },
      ],
      volumes: [{ name: 'A' }, { name: 'a' }],
    };
    expect(doublesOf(pod)).toEqual(['env A', 'volumeMounts /a']);
  });
});
