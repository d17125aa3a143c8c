// Package hosts holds a struct that templates are run on.
package hosts

// Host is where a job runs.
type Host struct {
	OwnerId    string `json:"ownerId"`
	ID         string `json:"id"`
	Tier       string `json:"tier"`
	Model      string `json:"model"`
	PublicName string `json:"publicName"`
	PublicIP   string `json:"publicIp"`
	LocalName  string `json:"localName"`
	LocalIP    string `json:"privateIp"`
	Site       string `json:"site"`
	Region     string `json:"region"`
}
