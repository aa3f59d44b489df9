// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

// Package testserver runs the built annals program for tests.
package testserver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"annals.dev/annals"
)

const readyTimeout = 60 * time.Second

// Server is a running server.
type Server struct {
	Address string
	process *exec.Cmd
}

// Program is the program under test: ANNALS_PROGRAM, or the repository's bin/annals.
func Program(t testing.TB) string {
	t.Helper()
	program := os.Getenv("ANNALS_PROGRAM")
	if program == "" {
		_, here, _, _ := runtime.Caller(0)
		program = filepath.Join(filepath.Dir(here), "../../../../bin/annals")
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%s is not there: run `make build`, or set ANNALS_PROGRAM", program)
	}
	return program
}

// Start runs a server in memory, on a port that the kernel picks, until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	command := exec.Command(Program(t), "serve", "--memory", "--grpc", "127.0.0.1:0",
		"--http", "127.0.0.1:0", "--log-format", "json")
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ports := make(chan int, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			var entry struct {
				Event string `json:"event"`
				Port  int    `json:"grpc_port"`
			}
			if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Event == "server ready" {
				ports <- entry.Port
			}
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		<-ended
		if err := command.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	select {
	case port := <-ports:
		return &Server{Address: fmt.Sprintf("127.0.0.1:%d", port), process: command}
	case <-ended:
		t.Fatal("the server did not start")
	case <-time.After(readyTimeout):
		t.Fatal("the server did not start in time")
	}
	return nil
}

// Connect is a client of the server until the test ends.
func (s *Server) Connect(t testing.TB, options ...annals.Option) *annals.Client {
	t.Helper()
	client, err := annals.Connect(s.Address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Namespace is a client with a namespace of its own, named as the test.
func (s *Server) Namespace(t testing.TB, options ...annals.Option) *annals.Client {
	t.Helper()
	client := s.Connect(t, options...)
	name := fmt.Sprintf("t-%d", time.Now().UnixNano())
	if err := client.CreateNamespace(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return client.Namespace(name)
}
