# Queue, rules and role of queue-processor, and lifecycle hooks for any number of Auto Scaling groups.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

locals {
  rules = {
    ec2 = {
      source = ["aws.ec2"]
      detail-type = [
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Capacity Reservation Instance Interruption Warning",
        "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
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
  # arn:PARTITION:sqs:REGION:ACCOUNT:NAME
  queue_arn = split(":", aws_sqs_queue.interruptions.arn)
  partition = local.queue_arn[1]
  region    = local.queue_arn[3]
  account   = local.queue_arn[4]
}

resource "aws_sqs_queue" "dead_letters" {
  name_prefix               = "nth-dead-letters-"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == "" ? true : null
  kms_master_key_id         = var.kms_key_arn == "" ? null : var.kms_key_arn
  tags                      = var.tags
}

resource "aws_sqs_queue" "interruptions" {
  name_prefix = "nth-"
  # As long as SQS keeps anything: scheduled events are told of weeks ahead, and an outage may last.
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 60
  sqs_managed_sse_enabled    = var.kms_key_arn == "" ? true : null
  kms_master_key_id          = var.kms_key_arn == "" ? null : var.kms_key_arn
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 20
  })
  tags = var.tags
}

# This is the fence: who may write here can have nodes drained. Any rule of the account would be too many.
data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "OnlyTheseRules"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.interruptions.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.interruptions : rule.arn]
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
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "interruptions" {
  for_each  = local.rules
  rule      = aws_cloudwatch_event_rule.interruptions[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.interruptions.arn
}

resource "aws_autoscaling_lifecycle_hook" "termination" {
  for_each               = var.autoscaling_group_names
  name                   = "nth-termination"
  autoscaling_group_name = each.value
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = var.hook_timeout_seconds
  default_result         = "CONTINUE"
}

resource "aws_autoscaling_lifecycle_hook" "launch" {
  for_each               = var.launch_hooks ? var.autoscaling_group_names : []
  name                   = "nth-launch"
  autoscaling_group_name = each.value
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_LAUNCHING"
  heartbeat_timeout      = var.hook_timeout_seconds
  default_result         = "ABANDON"
}

data "aws_iam_policy_document" "pod_identity" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "irsa" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:${local.partition}:iam::${local.account}:oidc-provider/${var.oidc_provider}"]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.oidc_provider}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.oidc_provider}:sub"
      values   = ["system:serviceaccount:${var.namespace}:${var.service_account}"]
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
      "autoscaling:DescribeAutoScalingInstances",
    ]
    resources = ["*"]
  }
  statement {
    sid = "LifecycleActions"
    actions = [
      "autoscaling:CompleteLifecycleAction",
      "autoscaling:RecordLifecycleActionHeartbeat",
    ]
    resources = ["arn:${local.partition}:autoscaling:${local.region}:${local.account}:autoScalingGroup:*"]
    dynamic "condition" {
      for_each = var.only_tagged_groups ? [1] : []
      content {
        test     = "Null"
        variable = "autoscaling:ResourceTag/aws-node-termination-handler/managed"
        values   = ["false"]
      }
    }
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == "" ? [] : [1]
    content {
      sid       = "Decrypt"
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]
    }
  }
}

resource "aws_iam_role" "processor" {
  name_prefix        = "nth-"
  assume_role_policy = var.oidc_provider == "" ? data.aws_iam_policy_document.pod_identity.json : data.aws_iam_policy_document.irsa.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "processor" {
  name_prefix = "queue-processor-"
  role        = aws_iam_role.processor.id
  policy      = data.aws_iam_policy_document.processor.json
}

resource "aws_eks_pod_identity_association" "processor" {
  count           = var.oidc_provider == "" && var.cluster_name != "" ? 1 : 0
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.processor.arn
}
