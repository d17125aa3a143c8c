resource "helm_release" "this" {
  name  = "nth"
  chart = "aws-node-termination-handler"
  set = [
    { name = "enableSpotInterruptionDraining", value = "true" },
    { name = "enableRebalanceMonitoring", value = "true" },
    { name = "nodeSelector.lifecycle", value = "spot" },
    { name = "metadataTries", value = "0" },
  ]
}
