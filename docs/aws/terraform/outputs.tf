output "queue_url" {
  description = "The value queueURL of the chart"
  value       = aws_sqs_queue.interruptions.url
}

output "role_arn" {
  description = "For IRSA, the annotation eks.amazonaws.com/role-arn of the service account"
  value       = aws_iam_role.processor.arn
}
