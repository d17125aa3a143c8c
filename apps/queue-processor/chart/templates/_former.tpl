{{- /* Generated from tools/checks/charts/former-values.yaml: change it there. */ -}}
{{- define "queue-processor.formerNames" -}}
gracePeriod: "it is called podTerminationGracePeriod"
kubernetesExtraEventsAnnotations: "it is called kubernetesEventsExtraAnnotations"
awsAccessKeyID: "keys do not belong in values; put both into a Secret, and name that in awsCredentialsSecretName"
awsSecretAccessKey: "keys do not belong in values; put both into a Secret, and name that in awsCredentialsSecretName"
nodeSelectorTermsOs: "leave it out; every supported Kubernetes has kubernetes.io/os"
nodeSelectorTermsArch: "leave it out; the images are for every architecture"
checkASGTagBeforeDraining: "it is called checkTagBeforeDraining"
managedAsgTag: "it is called managedTag"
daemonsetPriorityClassName: "it is called priorityClassName here"
daemonsetNodeSelector: "it is called nodeSelector here"
daemonsetAffinity: "it is called affinity here"
daemonsetTolerations: "it is called tolerations here"
useHostNetwork: "leave it out; queue-processor never uses the network of its node"
targetNodeOs: "leave it out; queue-processor runs on Linux, and drains nodes of every system"
{{- end }}
