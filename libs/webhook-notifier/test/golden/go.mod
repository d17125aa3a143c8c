module github.com/node-termination-handler/node-termination-handler/libs/webhook-notifier/test/golden

go 1.26

require github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden v0.0.0

require (
	dario.cat/mergo v1.0.1 // indirect
	github.com/Masterminds/goutils v1.1.1 // indirect
	github.com/Masterminds/semver/v3 v3.3.0 // indirect
	github.com/Masterminds/sprig/v3 v3.3.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/huandu/xstrings v1.5.0 // indirect
	github.com/mitchellh/copystructure v1.2.0 // indirect
	github.com/mitchellh/reflectwalk v1.0.2 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	github.com/spf13/cast v1.7.0 // indirect
	golang.org/x/crypto v0.26.0 // indirect
)

replace github.com/node-termination-handler/node-termination-handler/libs/go-template/test/golden => ../../../go-template/test/golden
