variable "region" { type = string }
resource "helm_release" "nth" {
  name   = "nth"
  chart  = "aws-node-termination-handler"
  values = [file("${path.module}/values.yaml")]
  set {
    name  = "awsRegion"
    value = var.region
  }
  set {
    name  = "taintNode"
    value = true
  }
}
