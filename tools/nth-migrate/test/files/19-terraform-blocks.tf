resource "helm_release" "nth" {
  name       = "aws-node-termination-handler"
  repository = "https://aws.github.io/eks-charts"
  chart      = "aws-node-termination-handler"
  namespace  = "kube-system"
  set {
    name  = "enableSqsTerminationDraining"
    value = "true"
  }
  set {
    name  = "queueURL"
    value = "https://sqs.eu-west-1.amazonaws.com/123456789012/nth"
  }
  set {
    name  = "serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"
    value = "arn:aws:iam::123456789012:role/nth"
    type  = "string"
  }
}
