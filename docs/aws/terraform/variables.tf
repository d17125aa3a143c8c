variable "cluster_name" {
  description = "The EKS cluster that gets a Pod Identity association; empty for none"
  type        = string
  default     = ""
}

variable "autoscaling_group_names" {
  description = "Groups that wait for their nodes to be drained"
  type        = set(string)
  default     = []
}

variable "hook_timeout_seconds" {
  description = "How long a group waits for a node that is drained"
  type        = number
  default     = 300
}

variable "launch_hooks" {
  description = "Whether groups wait as well for the nodes of new instances to be ready"
  type        = bool
  default     = false
}

variable "only_tagged_groups" {
  description = "Whether the role may complete hooks of groups alone that have the tag aws-node-termination-handler/managed"
  type        = bool
  default     = true
}

variable "namespace" {
  type    = string
  default = "kube-system"
}

variable "service_account" {
  type    = string
  default = "queue-processor"
}

variable "oidc_provider" {
  description = "For IRSA, the cluster's OIDC provider without https://; empty for EKS Pod Identity"
  type        = string
  default     = ""
}

variable "kms_key_arn" {
  description = "A key of KMS that encrypts the queue, and which EventBridge may use; empty for a key of SQS"
  type        = string
  default     = ""
}

variable "tags" {
  description = "Tags of whatever the module makes"
  type        = map(string)
  default     = {}
}
