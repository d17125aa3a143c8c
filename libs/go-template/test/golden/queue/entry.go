// Package queue makes the data that most templates are run on: two structs in one, some of whose fields both have.
package queue

import (
	"time"

	"github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden/hosts"
	"github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden/jobs"
)

type entry struct {
	hosts.Host
	jobs.Job
	ID    string
	Model string
}

// Full is an entry with a value in every field; test/golden-data.ts makes the same.
func Full() any {
	host := hosts.Host{
		OwnerId:    "123456789012",
		ID:         "h-0000000000000host",
		Tier:       "night",
		Model:      "l4.host",
		PublicName: "web-192-0-2-54.north-1.example.com",
		PublicIP:   "192.0.2.54",
		LocalName:  "ip-10-0-0-1.north-1.example.net",
		LocalIP:    "10.0.0.1",
		Site:       "north-1a",
		Region:     "north-1",
	}
	job := jobs.Job{
		JobID:       "night-run-6b1f0c",
		Kind:        "NIGHT_RUN",
		Source:      "NIGHT_RUN_QUEUE",
		Description: `Night RUN received: "instance" <i-1> & it's over — ünïcode`,
		State:       "",
		Team:        "my-team",
		Name:        "ip-10-0-0-1.north-1.example.net",
		Labels: map[string]string{
			"example.com/arch":               "amd64",
			"host.example.com/instance-type": "l4.large",
			"team":                           "blue",
		},
		Steps:      []string{"web-1", "api-2", "cache-0"},
		ID:         "j-0123456789abcdef0",
		Path:       "queue:///north-1a/j-0123456789abcdef0",
		Model:      "l4.large",
		IsManaged:  true,
		StartTime:  time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC),
		EndTime:    time.Date(2026, 7, 3, 15, 30, 0, 0, time.UTC),
		InProgress: true,
	}
	return entry{Host: host, Job: job, ID: job.ID, Model: job.Model}
}

// Empty is an entry without content.
func Empty() any {
	return entry{}
}
