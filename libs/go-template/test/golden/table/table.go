// Package table runs templates with Go's own text/template and sprig, and writes down what they give.
//
// A file of cases holds one template per line; a line "%%" begins a case of several lines, which goes on to the next "%%".
// Empty lines and lines that begin with "##" are no cases. Of these, some say how the case after them is run:
//
//	##data NAME          on other data
//	##missingkey OPTION  with that option
//	##delims LEFT RIGHT  with these delimiters
//	##plain              without sprig's functions
package table

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

// Data makes the data of each name anew, since templates can change it. The data of most cases has the name "".
type Data map[string]func() any

// settings are how a case is run.
type settings struct {
	Data       string   `json:"data,omitempty"`
	MissingKey string   `json:"missingKey,omitempty"`
	Delims     []string `json:"delims,omitempty"`
	Plain      bool     `json:"plain,omitempty"`
}

type outcome struct {
	Template string `json:"template"`
	settings
	Output string `json:"output,omitempty"`
	// Bytes stands in place of Output where that would be no UTF-8, in base64.
	Bytes string `json:"bytes,omitempty"`
	Error string `json:"error,omitempty"`
}

type group struct {
	Group string    `json:"group"`
	Cases []outcome `json:"cases"`
}

// Write runs all cases of a folder and writes what they give to a file.
func Write(folder, target string, data Data) error {
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
		cases, err := run(string(content), data)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		groups = append(groups, group{Group: strings.TrimSuffix(filepath.Base(file), ".txt"), Cases: cases})
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

func run(content string, data Data) ([]outcome, error) {
	var outcomes []outcome
	var block []string
	var next settings
	isBlock := false
	add := func(text string) error {
		makeData, known := data[next.Data]
		if !known {
			return fmt.Errorf("there is no data %q", next.Data)
		}
		outcomes = append(outcomes, render(text, next, makeData()))
		next = settings{}
		return nil
	}
	for _, line := range strings.Split(strings.TrimSuffix(content, "\n"), "\n") {
		var err error
		switch {
		case line == "%%" && isBlock:
			err = add(strings.Join(block, "\n"))
			block, isBlock = nil, false
		case line == "%%":
			isBlock = true
		case isBlock:
			block = append(block, line)
		case strings.HasPrefix(line, "##"):
			next.read(strings.Fields(line[2:]))
		case line != "":
			err = add(line)
		}
		if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

func (s *settings) read(words []string) {
	switch {
	case len(words) == 2 && words[0] == "data":
		s.Data = words[1]
	case len(words) == 2 && words[0] == "missingkey":
		s.MissingKey = words[1]
	case len(words) == 3 && words[0] == "delims":
		s.Delims = words[1:]
	case len(words) == 1 && words[0] == "plain":
		s.Plain = true
	}
}

func render(text string, with settings, data any) outcome {
	result := outcome{Template: text, settings: with}
	output, err := execute(text, with, data)
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

func execute(text string, with settings, data any) ([]byte, error) {
	parsed := template.New("message")
	if !with.Plain {
		parsed = parsed.Funcs(sprig.TxtFuncMap())
	}
	if with.MissingKey != "" {
		parsed = parsed.Option("missingkey=" + with.MissingKey)
	}
	if with.Delims != nil {
		parsed = parsed.Delims(with.Delims[0], with.Delims[1])
	}
	parsed, err := parsed.Parse(text)
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	if err := parsed.Execute(&buffer, data); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
