// Command template-cases runs the cases with Go's own text/template and sprig, and writes down what they give.
//
//	TZ=UTC go run . ../../libs/webhook-notifier/test/cases ../../libs/webhook-notifier/test/golden.json
//	go run . -zones
//	go run . -functions
//
// A case file holds one template per line; a line "%%" begins a case of several lines, which goes on to the next "%%".
// Empty lines and lines that begin with "##" are no cases; "##empty" before a case runs it on an event without content.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
	"github.com/node-termination-handler/node-termination-handler/tools/template-cases/webhook"
)

type outcome struct {
	Template string `json:"template"`
	Data     string `json:"data,omitempty"`
	Output   string `json:"output,omitempty"`
	// Bytes stands in place of Output where that would be no UTF-8, in base64.
	Bytes string `json:"bytes,omitempty"`
	Error string `json:"error,omitempty"`
}

type group struct {
	Group string    `json:"group"`
	Cases []outcome `json:"cases"`
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "-zones":
		printZones()
	case len(os.Args) == 2 && os.Args[1] == "-functions":
		printFunctions()
	case len(os.Args) == 3:
		if err := writeGolden(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: template-cases <folder of cases> <golden file> | -zones | -functions")
		os.Exit(2)
	}
}

func writeGolden(folder, target string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	var groups []group
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		groups = append(groups, group{Group: name, Cases: run(string(content))})
	}
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(groups); err != nil {
		return err
	}
	return out.Close()
}

func run(content string) []outcome {
	var outcomes []outcome
	isEmpty := false
	var block []string
	isBlock := false
	add := func(text string) {
		outcomes = append(outcomes, render(text, isEmpty))
		isEmpty = false
	}
	for _, line := range strings.Split(strings.TrimSuffix(content, "\n"), "\n") {
		switch {
		case line == "%%" && isBlock:
			add(strings.Join(block, "\n"))
			block, isBlock = nil, false
		case line == "%%":
			isBlock = true
		case isBlock:
			block = append(block, line)
		case line == "##empty":
			isEmpty = true
		case line == "" || strings.HasPrefix(line, "##"):
		default:
			add(line)
		}
	}
	return outcomes
}

func render(text string, isEmpty bool) outcome {
	result := outcome{Template: text}
	data := webhook.FullData()
	if isEmpty {
		result.Data = "empty"
		data = webhook.EmptyData()
	}
	output, err := webhook.Render(text, data)
	switch {
	case err != nil:
		result.Error = err.Error()
	case utf8.Valid(output):
		result.Output = string(output)
	default:
		result.Bytes = base64.StdEncoding.EncodeToString(output)
	}
	return result
}

// printFunctions lists the names of all functions of sprig.
func printFunctions() {
	var names []string
	for name := range sprig.TxtFuncMap() {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Println(strings.Join(names, "\n"))
}
