# Queue, rules and role of queue-processor, and a lifecycle hook for one Auto Scaling group.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

variable "cluster_name" {
  description = "The EKS cluster whose nodes are looked after"
  type        = string
}

variable "autoscaling_group_name" {
  description = "The group that waits for its nodes to be drained; empty for none"
  type        = string
  default     = ""
}

variable "namespace" {
  type    = string
  default = "kube-system"
}

variable "service_account" {
  type    = string
  default = "queue-processor"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  rules = {
    ec2 = {
      source = ["aws.ec2"]
      detail-type = [
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Capacity Reservation Instance Interruption Warning",
      ]
    }
    autoscaling = {
      source = ["aws.autoscaling"]
      detail-type = [
        "EC2 Instance-terminate Lifecycle Action",
        "EC2 Instance-launch Lifecycle Action",
      ]
    }
    health = {
      source      = ["aws.health"]
      detail-type = ["AWS Health Event"]
      detail = {
        service           = ["EC2"]
        eventTypeCategory = ["scheduledChange"]
      }
    }
  }
}

resource "aws_sqs_queue" "dead_letters" {
  name_prefix               = "nth-dead-letters-"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "interruptions" {
  name_prefix = "nth-"
  # Older than this nobody acts on an interruption.
  message_retention_seconds  = 3600
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 20
  })
}

# This is the fence: who may write here can have nodes drained.
data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "EventBridgeOfThisAccount"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.interruptions.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
  statement {
    sid       = "OnlyEncrypted"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.interruptions.arn]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "interruptions" {
  queue_url = aws_sqs_queue.interruptions.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_cloudwatch_event_rule" "interruptions" {
  for_each      = local.rules
  name_prefix   = "nth-${each.key}-"
  event_pattern = jsonencode(each.value)
}

resource "aws_cloudwatch_event_target" "interruptions" {
  for_each  = local.rules
  rule      = aws_cloudwatch_event_rule.interruptions[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.interruptions.arn
}

resource "aws_autoscaling_lifecycle_hook" "termination" {
  count                  = var.autoscaling_group_name == "" ? 0 : 1
  name                   = "nth-termination"
  autoscaling_group_name = var.autoscaling_group_name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = 300
  default_result         = "CONTINUE"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "processor" {
  statement {
    sid = "Queue"
    actions = [
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:GetQueueAttributes",
    ]
    resources = [aws_sqs_queue.interruptions.arn]
  }
  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeInstances",
      "ec2:DescribeInstanceStatus",
      "autoscaling:DescribeLifecycleHooks",
      "autoscaling:DescribeAutoScalingGroups",
    ]
    resources = ["*"]
  }
  statement {
    sid = "LifecycleActions"
    actions = [
      "autoscaling:CompleteLifecycleAction",
      "autoscaling:RecordLifecycleActionHeartbeat",
    ]
    resources = [
      "arn:${data.aws_partition.current.partition}:autoscaling:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:autoScalingGroup:*",
    ]
  }
}

resource "aws_iam_role" "processor" {
  name_prefix        = "nth-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "processor" {
  name_prefix = "queue-processor-"
  role        = aws_iam_role.processor.id
  policy      = data.aws_iam_policy_document.processor.json
}

resource "aws_eks_pod_identity_association" "processor" {
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.processor.arn
}

output "queue_url" {
  description = "The value queueURL of the chart"
  value       = aws_sqs_queue.interruptions.url
}

output "role_arn" {
  description = "For IRSA, the annotation eks.amazonaws.com/role-arn of the service account"
  value       = aws_iam_role.processor.arn
}
