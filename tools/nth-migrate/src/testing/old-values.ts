/** Values as users of the Go handler have them; the first three are what its own examples and guides show. */
export const oldValues = {
  'metadata on Linux': 'enableSqsTerminationDraining: false\ntargetNodeOs: linux\nenableProbesServer: true\n',
  'metadata on Windows': 'enableSqsTerminationDraining: false\ntargetNodeOs: windows\nenableProbesServer: true\n',
  queue: `
serviceAccount:
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::99999999:role/nth-role
resources:
  requests: {cpu: 100m, memory: 128Mi}
  limits: {cpu: 500m, memory: 256Mi}
enableSqsTerminationDraining: true
`,
  'spot nodes with a webhook': `
enableSpotInterruptionDraining: "true"
enableRebalanceMonitoring: "true"
enableScheduledEventDraining: "false"
webhookURL: https://hooks.example.com/services/a
webhookTemplate: '{"text":"{{ .NodeName }}"}'
nodeSelector:
  lifecycle: Ec2Spot
`,
  'an old file, all defaults written out': `
image: {repository: public.ecr.aws/aws-ec2/aws-node-termination-handler, tag: v1.13.3, pullPolicy: IfNotPresent, pullSecrets: []}
securityContext: {runAsUserID: 1000, runAsGroupID: 1000}
nameOverride: ""
fullnameOverride: ""
priorityClassName: system-node-critical
podAnnotations: {}
linuxPodAnnotations: {}
podLabels: {}
probes:
  httpGet: {path: /healthz, port: 8080}
  initialDelaySeconds: 5
  periodSeconds: 5
resources:
  requests: {memory: 64Mi, cpu: 50m}
  limits: {memory: 128Mi, cpu: 100m}
enableSqsTerminationDraining: false
enableRebalanceMonitoring: false
enableRebalanceDraining: false
queueURL: ""
checkASGTagBeforeDraining: true
managedAsgTag: aws-node-termination-handler/managed
awsRegion: ""
awsEndpoint: ""
awsSecretAccessKey:
awsAccessKeyID:
enableSpotInterruptionDraining: ""
enableScheduledEventDraining: ""
metadataTries: 3
cordonOnly: false
taintNode: false
jsonLogging: false
logLevel: INFO
dryRun: false
deleteLocalData: ""
ignoreDaemonSets: ""
gracePeriod: ""
podTerminationGracePeriod: ""
nodeTerminationGracePeriod: ""
webhookURL: ""
webhookHeaders: ""
instanceMetadataURL: ""
procUptimeFile: ""
targetNodeOs: linux
nodeSelector: {}
nodeSelectorTermsOs: ""
enablePrometheusServer: false
prometheusServerPort: "9092"
enableProbesServer: false
probesServerPort: 8080
probesServerEndpoint: /healthz
emitKubernetesEvents: false
tolerations: [{operator: Exists}]
affinity: {}
serviceAccount: {create: true, name: null, annotations: {}}
rbac: {pspEnabled: true}
dnsPolicy: ""
podMonitor: {create: false, interval: 30s, sampleLimit: 5000, labels: {}}
updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}
linuxUpdateStrategy: ""
useHostNetwork: true
workers: 10
replicas: 1
podDisruptionBudget: {}
`,
  'a queue with everything': `
enableSqsTerminationDraining: true
queueURL: https://sqs.us-east-1.amazonaws.com/123456789012/nth
replicas: 2
podDisruptionBudget: {maxUnavailable: 1}
topologySpreadConstraints:
  - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}
enablePrometheusServer: true
serviceMonitor: {create: true, namespace: monitoring, interval: 30s, sampleLimit: 5000, labels: {release: prometheus}}
checkTagBeforeDraining: true
managedTag: nth/managed
heartbeatInterval: 300
heartbeatUntil: 3600
terminationGracePeriodSeconds: 30
podSecurityContext: {fsGroup: 1000}
securityContext: {readOnlyRootFilesystem: true, runAsNonRoot: true, allowPrivilegeEscalation: false, runAsUser: 1000, runAsGroup: 1000}
webhookURLSecretName: nth-webhook
extraEnv: [{name: TZ, value: UTC}]
taintNode: true
`,
} as const;
