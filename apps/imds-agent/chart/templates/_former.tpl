{{- /* Generated from tools/checks/charts/former-values.yaml: change it there. */ -}}
{{- define "imds-agent.formerNames" -}}
gracePeriod: "it is called podTerminationGracePeriod"
kubernetesExtraEventsAnnotations: "it is called kubernetesEventsExtraAnnotations"
awsAccessKeyID: "keys do not belong in values; put both into a Secret, and name that in awsCredentialsSecretName"
awsSecretAccessKey: "keys do not belong in values; put both into a Secret, and name that in awsCredentialsSecretName"
nodeSelectorTermsOs: "leave it out; every supported Kubernetes has kubernetes.io/os"
nodeSelectorTermsArch: "leave it out; the images are for every architecture"
priorityClassName: "it is called daemonsetPriorityClassName"
nodeSelector: "it is called daemonsetNodeSelector"
affinity: "it is called daemonsetAffinity"
tolerations: "it is called daemonsetTolerations"
checkASGTagBeforeDraining: "it is checkTagBeforeDraining of the queue-processor chart"
managedAsgTag: "it is managedTag of the queue-processor chart"
queueURL: "the chart of queue-processor reads the queue"
replicas: "the agent runs once on every node; the chart of queue-processor has replicas"
{{- end }}
