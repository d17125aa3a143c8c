// Command golden writes down which proxy Go takes for a URL under the variables of an environment.
//
//	go run . ../cases ../golden.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sort"

	"golang.org/x/net/http/httpproxy"
)

// group is a file of cases.
type group struct {
	Group string      `json:"group"`
	Cases []proxyCase `json:"cases"`
}

// proxyCase is one environment, and the URLs that are asked for under it.
type proxyCase struct {
	Why     string            `json:"why,omitempty"`
	Env     map[string]string `json:"env"`
	URLs    []string          `json:"urls"`
	Proxies []string          `json:"proxies"` // of each URL; empty where it is called directly
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: golden <folder of cases> <golden file>")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(folder, file string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	sort.Strings(names)
	var groups []group
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var one group
		if err := json.Unmarshal(text, &one); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for i := range one.Cases {
			if err := one.Cases[i].ask(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		groups = append(groups, one)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(groups); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

var variables = []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "ALL_PROXY", "REQUEST_METHOD"}

func (c *proxyCase) ask() error {
	for _, name := range variables {
		os.Unsetenv(name)
	}
	for name, value := range c.Env {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	proxyFor := httpproxy.FromEnvironment().ProxyFunc()
	c.Proxies = []string{}
	for _, text := range c.URLs {
		target, err := url.Parse(text)
		if err != nil {
			return err
		}
		proxy, err := proxyFor(target)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", text, err)
		case proxy == nil:
			c.Proxies = append(c.Proxies, "")
		default:
			c.Proxies = append(c.Proxies, proxy.String())
		}
	}
	return nil
}
