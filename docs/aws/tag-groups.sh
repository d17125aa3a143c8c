#!/usr/bin/env bash
# Says that the instances of Auto Scaling groups are to be looked after: tags the groups, whose new instances get the tag from them,
# and the instances that they have already. Repeating it changes nothing.
#
#   docs/aws/tag-groups.sh GROUP …
#
# Needs autoscaling:CreateOrUpdateTags, autoscaling:DescribeAutoScalingGroups and ec2:CreateTags. Another tag: TAG_KEY.
set -euo pipefail
key=${TAG_KEY:-aws-node-termination-handler/managed}
if [ $# -eq 0 ]; then
  echo "usage: $0 GROUP …" >&2
  exit 2
fi
for group in "$@"; do
  aws autoscaling create-or-update-tags --tags \
    "ResourceId=$group,ResourceType=auto-scaling-group,Key=$key,Value=true,PropagateAtLaunch=true"
  instances=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names "$group" \
    --query 'AutoScalingGroups[].Instances[].InstanceId' --output text)
  count=0
  for instance in $instances; do
    [ "$instance" = None ] && continue
    aws ec2 create-tags --resources "$instance" --tags "Key=$key,Value=true"
    count=$((count + 1))
  done
  echo "$group: tagged, with $count instances that it has"
done
