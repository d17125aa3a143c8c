// Package jobs holds a struct that templates are run on.
package jobs

import "time"

// Hook is what a job can call; here always nil.
type Hook func(Job, struct{}) error

// Job is what a queue is asked to do.
type Job struct {
	JobID       string
	Kind        string
	Source      string
	Description string
	State       string
	Team        string
	Name        string
	Labels      map[string]string
	Steps       []string
	ID          string
	Path        string
	Model       string
	IsManaged   bool
	StartTime   time.Time
	EndTime     time.Time
	IsDone      bool
	InProgress  bool
	BeforeRun   Hook `json:"-"`
	AfterRun    Hook `json:"-"`
}
