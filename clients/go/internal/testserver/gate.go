// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package testserver

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Gate is a way to a server that can go silent, as a network does whose cable is pulled:
// connections stay and carry nothing.
type Gate struct {
	Address string

	mutex    sync.Mutex
	opened   *sync.Cond
	isSilent bool
	pipes    []net.Conn
	accepted int
}

// Gate makes one before the server, until the test ends.
func (s *Server) Gate(t testing.TB) *Gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gate := &Gate{Address: listener.Addr().String()}
	gate.opened = sync.NewCond(&gate.mutex)
	t.Cleanup(func() {
		_ = listener.Close()
		gate.mutex.Lock()
		defer gate.mutex.Unlock()
		for _, pipe := range gate.pipes {
			_ = pipe.Close()
		}
		gate.isSilent = false
		gate.opened.Broadcast()
	})
	go func() {
		for {
			outside, err := listener.Accept()
			if err != nil {
				return
			}
			inside, err := net.Dial("tcp", s.Address)
			if err != nil {
				_ = outside.Close()
				continue
			}
			gate.mutex.Lock()
			gate.pipes = append(gate.pipes, outside, inside)
			gate.accepted++
			gate.mutex.Unlock()
			go gate.carry(outside, inside)
			go gate.carry(inside, outside)
		}
	}()
	return gate
}

// Silence holds back everything, on connections of now and on new ones, until end is called.
func (g *Gate) Silence() (end func()) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.isSilent = true
	return func() {
		g.mutex.Lock()
		defer g.mutex.Unlock()
		g.isSilent = false
		g.opened.Broadcast()
	}
}

// Reset breaks the connections of now; new ones are taken.
func (g *Gate) Reset() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for _, pipe := range g.pipes {
		_ = pipe.Close()
	}
	g.pipes = nil
}

// Accepted counts connections.
func (g *Gate) Accepted() int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.accepted
}

func (g *Gate) carry(from, to net.Conn) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		count, err := from.Read(buffer)
		g.mutex.Lock()
		for g.isSilent {
			g.opened.Wait()
		}
		g.mutex.Unlock()
		if count > 0 {
			if _, err := to.Write(buffer[:count]); err != nil {
				return
			}
		}
		if err != nil {
			if err != io.EOF {
				_ = from.Close()
			}
			return
		}
	}
}
