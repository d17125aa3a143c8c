// Package monitor holds a struct of the shape, and the name, that existing users' templates are run on.
package monitor

import "time"

// DrainTask is always nil here: what it does is not a template's to call.
type DrainTask func(InterruptionEvent, struct{}) error

// InterruptionEvent is what a notice says.
type InterruptionEvent struct {
	EventID              string
	Kind                 string
	Monitor              string
	Description          string
	State                string
	AutoScalingGroupName string
	NodeName             string
	NodeLabels           map[string]string
	Pods                 []string
	InstanceID           string
	ProviderID           string
	InstanceType         string
	IsManaged            bool
	StartTime            time.Time
	EndTime              time.Time
	NodeProcessed        bool
	InProgress           bool
	PreDrainTask         DrainTask `json:"-"`
	PostDrainTask        DrainTask `json:"-"`
}
