// Command golden writes down what Go makes of the cases, and some of what the engine has to know.
//
//	TZ=UTC go run . ../cases ../golden.json
//	go run . -zones
//	go run . -functions
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/Masterminds/sprig/v3"
	"github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden/people"
	"github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden/queue"
	"github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden/table"
)

var data = table.Data{
	"":           queue.Full,
	"empty":      queue.Empty,
	"account":    people.Full,
	"dictionary": people.Dictionary,
	"counts":     people.Counts,
	"nothing":    people.Nothing,
}

// The variables that the cases of env and expandenv ask for.
var environment = map[string]string{"CITY": "Gent", "EMPTY": "", "A_1": "é"}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "-zones":
		printZones()
	case len(os.Args) == 2 && os.Args[1] == "-functions":
		printFunctions()
	case len(os.Args) == 3:
		for name, value := range environment {
			if err := os.Setenv(name, value); err != nil {
				fail(err)
			}
		}
		if err := table.Write(os.Args[1], os.Args[2], data); err != nil {
			fail(err)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: golden <folder of cases> <golden file> | -zones | -functions")
		os.Exit(2)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
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
