// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Command scenarios is the Go client's runner of the list that every client must pass
// (tests/compat/clients/README.md says what it is called with and what each step means).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"gopkg.in/yaml.v3"
)

type scenario struct {
	Name  string           `yaml:"scenario"`
	What  string           `yaml:"what"`
	Steps []map[string]any `yaml:"steps"`
}

type names []string

func (n *names) String() string         { return fmt.Sprint(*n) }
func (n *names) Set(value string) error { *n = append(*n, value); return nil }

func main() {
	var only names
	file := flag.String("scenarios", "", "the list")
	server := flag.String("server", "", "HOST:PORT, through the proxy that cuts")
	steady := flag.String("steady", "", "HOST:PORT, through a proxy that is never cut")
	control := flag.String("control", "", "URL of the harness")
	flag.Var(&only, "only", "just this scenario; may be repeated")
	flag.Parse()
	if err := run(*file, world{*server, *steady, *control}, only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string, where world, only names) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var list []scenario
	if err := yaml.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	failed := 0
	for _, one := range list {
		if len(only) > 0 && !contains(only, one.Name) {
			continue
		}
		if err := report(one, where); err != nil {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d scenarios failed", failed)
	}
	return nil
}

func contains(list []string, wanted string) bool {
	for _, one := range list {
		if one == wanted {
			return true
		}
	}
	return false
}

// report plays a scenario and prints its line.
func report(one scenario, where world) error {
	begun := time.Now()
	err := play(one, where)
	line := map[string]any{"scenario": one.Name, "passed": err == nil,
		"seconds": time.Since(begun).Seconds()}
	if err != nil {
		line["message"] = err.Error()
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
	return err
}
