resource "helm_release" "nth" {
  name  = "nth"
  chart = "aws-node-termination-handler"
  values = [<<-YAML
    enableSqsTerminationDraining: true
    queueURL: https://sqs.eu-west-1.amazonaws.com/123456789012/nth
    workers: 25
  YAML
  ]
}
