#!/usr/bin/env bash
# Says that the instances of Auto Scaling groups are to be looked after: tags the groups, whose new instances get the tag from them,
# and the instances that they have already, which no group passes a tag on to. Repeating it changes nothing.
#
#   docs/aws/tag-groups.sh GROUP …
#
# Needs autoscaling:CreateOrUpdateTags, autoscaling:DescribeAutoScalingGroups and ec2:CreateTags. Another tag: MANAGED_TAG, as key or key=value.
set -euo pipefail
tag=${MANAGED_TAG:-aws-node-termination-handler/managed}
key=${tag%%=*}
value=true
case $tag in *=*) value=${tag#*=} ;; esac
if [ $# -eq 0 ]; then
  echo "usage: $0 GROUP …" >&2
  exit 2
fi
for group in "$@"; do
  aws autoscaling create-or-update-tags --tags \
    "ResourceId=$group,ResourceType=auto-scaling-group,Key=$key,Value=$value,PropagateAtLaunch=true"
  instances=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$group" \
    --query 'AutoScalingGroups[].Instances[].InstanceId' --output text)
  count=0
  for instance in $instances; do
    [ "$instance" = None ] && continue
    aws ec2 create-tags --resources "$instance" --tags "Key=$key,Value=$value"
    count=$((count + 1))
  done
  echo "$group: tagged, with $count instances that it has"
done
