// Command golden writes down what Go makes of templates on the data of a webhook.
//
//	TZ=UTC go run . ../cases ../golden.json
package main

import (
	"fmt"
	"os"

	"github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden/table"
	"github.com/node-termination-handler/node-termination-handler/libs/webhook-notifier/test/golden/webhook"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: golden <folder of cases> <golden file>")
		os.Exit(2)
	}
	data := table.Data{"": webhook.FullData, "empty": webhook.EmptyData}
	if err := table.Write(os.Args[1], os.Args[2], data); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
