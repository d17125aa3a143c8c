// Package webhook makes the data that templates get.
package webhook

import (
	"time"

	"github.com/node-termination-handler/node-termination-handler/libs/webhook-notifier/test/golden/ec2metadata"
	"github.com/node-termination-handler/node-termination-handler/libs/webhook-notifier/test/golden/monitor"
)

type combinedDrainData struct {
	ec2metadata.NodeMetadata
	monitor.InterruptionEvent
	InstanceID   string
	InstanceType string
}

// FullData is an event with a value in every field; the test beside the engine builds the same.
func FullData() any {
	metadata := ec2metadata.NodeMetadata{
		AccountId:         "123456789012",
		InstanceID:        "i-0000000000000meta",
		InstanceLifeCycle: "spot",
		InstanceType:      "m5.meta",
		PublicHostname:    "ec2-192-0-2-54.eu-west-1.compute.amazonaws.com",
		PublicIP:          "192.0.2.54",
		LocalHostname:     "ip-10-0-0-1.eu-west-1.compute.internal",
		LocalIP:           "10.0.0.1",
		AvailabilityZone:  "eu-west-1a",
		Region:            "eu-west-1",
	}
	event := monitor.InterruptionEvent{
		EventID:              "spot-itn-6b1f0c",
		Kind:                 "SPOT_ITN",
		Monitor:              "SPOT_ITN_MONITOR",
		Description:          `Spot ITN received: "instance" <i-1> & it's over — ünïcode`,
		State:                "",
		AutoScalingGroupName: "my-asg",
		NodeName:             "ip-10-0-0-1.eu-west-1.compute.internal",
		NodeLabels: map[string]string{
			"kubernetes.io/arch":               "amd64",
			"node.kubernetes.io/instance-type": "m5.large",
			"team":                             "blue",
		},
		Pods:         []string{"web-1", "api-2", "cache-0"},
		InstanceID:   "i-0123456789abcdef0",
		ProviderID:   "aws:///eu-west-1a/i-0123456789abcdef0",
		InstanceType: "m5.large",
		IsManaged:    true,
		StartTime:    time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC),
		EndTime:      time.Date(2026, 7, 3, 15, 30, 0, 0, time.UTC),
		InProgress:   true,
	}
	return combined(metadata, event)
}

// EmptyData is an event without content, which every template is tried on at the start.
func EmptyData() any {
	return combined(ec2metadata.NodeMetadata{}, monitor.InterruptionEvent{})
}

func combined(metadata ec2metadata.NodeMetadata, event monitor.InterruptionEvent) any {
	instanceID := metadata.InstanceID
	if event.InstanceID != "" {
		instanceID = event.InstanceID
	}
	instanceType := metadata.InstanceType
	if event.InstanceType != "" {
		instanceType = event.InstanceType
	}
	return combinedDrainData{NodeMetadata: metadata, InterruptionEvent: event, InstanceID: instanceID, InstanceType: instanceType}
}
