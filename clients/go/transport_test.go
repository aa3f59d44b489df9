// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"annals.dev/annals"
	"annals.dev/annals/internal/testserver"
	annalsv1 "annals.dev/annals/v1"
)

// certificate is one for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1),
		Subject: pkix.Name{CommonName: "annals"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ok(t, err)
	parsed, err := x509.ParseCertificate(raw)
	ok(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}

// serveTLS ends TLS before a server, as a load balancer does.
func serveTLS(t *testing.T, address string, own tls.Certificate) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{own}, NextProtos: []string{"h2"}})
	ok(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			outside, err := listener.Accept()
			if err != nil {
				return
			}
			inside, err := net.Dial("tcp", address)
			if err != nil {
				_ = outside.Close()
				return
			}
			go func() { _, _ = io.Copy(inside, outside); _ = inside.Close() }()
			go func() { _, _ = io.Copy(outside, inside); _ = outside.Close() }()
		}
	}()
	return listener.Addr().String()
}

func TestTLSEncryptsAndVerifies(t *testing.T) {
	own, pool := certificate(t)
	address := serveTLS(t, testserver.Start(t).Address, own)
	client, err := annals.Connect(address, annals.WithTLS(&tls.Config{RootCAs: pool}),
		annals.WithToken("secret"))
	ok(t, err)
	defer client.Close()
	_, err = client.Append(t.Context(), "a-1", numbers(0, 1))
	ok(t, err)

	stranger, err := annals.Connect(address, annals.WithTLS(&tls.Config{}),
		annals.WithTimeout(2*time.Second))
	ok(t, err)
	defer stranger.Close()
	_, err = stranger.Info(t.Context())
	if err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Fatalf("a certificate that nobody signed gives %v", err)
	}
}

// listener is a server that only remembers what calls carry.
type listener struct {
	annalsv1.UnimplementedEventStoreServer
	mutex   sync.Mutex
	carried []metadata.MD
}

func (l *listener) GetInfo(ctx context.Context, _ *annalsv1.GetInfoRequest) (
	*annalsv1.ServerInfo, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	carried, _ := metadata.FromIncomingContext(ctx)
	l.carried = append(l.carried, carried)
	return &annalsv1.ServerInfo{}, nil
}

func listen(t *testing.T) (*listener, string) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	server := grpc.NewServer(grpc.Creds(insecure.NewCredentials()))
	heard := &listener{}
	annalsv1.RegisterEventStoreServer(server, heard)
	go func() { _ = server.Serve(socket) }()
	t.Cleanup(server.Stop)
	return heard, socket.Addr().String()
}

func TestCallsCarryTokenTraceAndName(t *testing.T) {
	heard, address := listen(t)
	tokens := []string{"first", "second"}
	client, err := annals.Connect(address, annals.WithPlainToken(),
		annals.WithTokenSource(func(context.Context) (string, error) {
			token := tokens[0]
			tokens = tokens[1:]
			return token, nil
		}))
	ok(t, err)
	defer client.Close()
	_, err = client.Info(annals.ContextWithTrace(t.Context(),
		annals.TraceContext{Parent: "00-a-b-01", State: "x=y"}))
	ok(t, err)
	_, err = client.Info(t.Context())
	ok(t, err)
	same(t, heard.carried[0].Get("authorization")[0], "Bearer first")
	same(t, heard.carried[1].Get("authorization")[0], "Bearer second")
	same(t, heard.carried[0].Get("traceparent")[0], "00-a-b-01")
	same(t, heard.carried[0].Get("tracestate")[0], "x=y")
	same(t, len(heard.carried[1].Get("traceparent")), 0)
	same(t, heard.carried[0].Get("user-agent")[0][:len("annals-client-go/")], "annals-client-go/")
}

func TestTokensDoNotTravelInPlainTextByAccident(t *testing.T) {
	_, err := annals.Connect("127.0.0.1:1", annals.WithToken("secret"))
	same(t, errors.Is(err, annals.ErrInvalidArgument), true)
}

func TestConnectRefusesABackoffThatCannotBe(t *testing.T) {
	_, err := annals.Connect("127.0.0.1:1", annals.WithBackoff(annals.Backoff{}))
	same(t, errors.Is(err, annals.ErrInvalidArgument), true)
}

func TestConnectNamesTheOptionThatCannotBe(t *testing.T) {
	for field, option := range map[string]annals.Option{
		"timeout":             annals.WithTimeout(-1),
		"keep_alive_interval": annals.WithKeepAlive(0, time.Second),
		"keep_alive_timeout":  annals.WithKeepAlive(time.Second, -time.Second),
		"WithLogger":          annals.WithLogger(nil),
		"WithTracing":         annals.WithTracing(nil),
	} {
		_, err := annals.Connect("127.0.0.1:1", option)
		refusedField(t, err, field)
	}
}

func TestConnectRefusesAnAddressThatCannotBe(t *testing.T) {
	for _, address := range []string{"nonsense", "127.0.0.1:91936", "127.0.0.1:0", "a:", "a:b",
		":7400", "127.0.0.1:99999999999999999999", "http://127.0.0.1:7401", "dns:///a:65536"} {
		_, err := annals.Connect(address)
		refusedField(t, err, "address")
	}
	for _, address := range []string{"localhost:7400", "[::1]:7400", "dns:///a.test:7400",
		"unix:/tmp/a", "passthrough:///a"} {
		client, err := annals.Connect(address)
		ok(t, err)
		ok(t, client.Close())
	}
}

func TestWorkThatCannotBeIsRefused(t *testing.T) {
	client, err := annals.Connect("127.0.0.1:1")
	ok(t, err)
	defer client.Close()
	for field, work := range map[string]annals.Work{
		"Work.Concurrency": {Concurrency: -1}, "Work.StopGrace": {StopGrace: -1}} {
		err := client.Group("g").Run(t.Context(), work,
			func(context.Context, annals.Delivery) error { return nil })
		refusedField(t, err, field)
	}
}

func TestAClosedClientSaysSoAtOnce(t *testing.T) {
	_, address := listen(t)
	client, err := annals.Connect(address)
	ok(t, err)
	_, err = client.Info(t.Context())
	ok(t, err)
	ok(t, client.Close())
	begun := time.Now()
	_, failure := client.Append(t.Context(), "s-1", numbers(0, 1))
	_, info := client.Info(t.Context())
	var subscribed error
	for _, err := range client.Subscribe().Events(t.Context()) {
		subscribed = err
	}
	for _, err := range []error{failure, info, subscribed} {
		same(t, errors.Is(err, annals.ErrCancelled), true)
		same(t, errors.Is(err, context.Canceled), false)
		same(t, strings.Contains(err.Error(), "the client is closed"), true)
	}
	if took := time.Since(begun); took > time.Second {
		t.Fatalf("it took %v", took)
	}
}

func TestFailuresOfGRPCItselfSayWhatToDo(t *testing.T) {
	client := connect(t)
	for words, event := range map[string]annals.NewEvent{
		"at most 16 MiB": {Type: "T", Data: make([]byte, 18_000_000)},
		"are UTF-8":      {Type: "a-\xff"},
	} {
		_, err := client.Append(t.Context(), "s-1", []annals.NewEvent{event})
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Fatalf("got %v, want %q", err, words)
		}
	}
}

func TestAMessageThatGRPCRefusesIsTooLargeWithItsSizesAndNotTriedAgain(t *testing.T) {
	client := connect(t)
	event := annals.NewEvent{Type: "T", Data: make([]byte, 18_000_000)}
	_, err := client.Append(t.Context(), "s-1", []annals.NewEvent{event})
	var failure *annals.Error
	if !errors.As(err, &failure) || failure.Code != annals.ErrLimitExceeded {
		t.Fatalf("got %v, want %v", err, annals.ErrLimitExceeded)
	}
	same(t, failure.Advice(), annals.RetryNever)
	same(t, failure.Fields["field"], "message")
	same(t, failure.Fields["limit"], "17825792")
	if size, bad := strconv.Atoi(failure.Fields["value"]); bad != nil || size <= 18_000_000 {
		t.Fatalf("the value is %q", failure.Fields["value"])
	}
}

func refusedField(t *testing.T, err error, field string) {
	t.Helper()
	var failure *annals.Error
	if !errors.As(err, &failure) || failure.Code != annals.ErrInvalidArgument {
		t.Fatalf("%s: got %v, want a refusal", field, err)
	}
	same(t, failure.Fields["field"], field)
}

// stopping cancels the first call of each kind without a word, as a server that ends can.
type stopping struct {
	annalsv1.UnimplementedEventStoreServer
	code    codes.Code
	mutex   sync.Mutex
	appends []*annalsv1.AppendRequest
	calls   map[string]int
}

func (s *stopping) first(call string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.calls[call]++; s.calls[call] == 1 {
		return status.Error(s.code, "")
	}
	return nil
}

func (s *stopping) Append(_ context.Context, request *annalsv1.AppendRequest) (
	*annalsv1.AppendResponse, error) {
	s.mutex.Lock()
	s.appends = append(s.appends, request)
	s.mutex.Unlock()
	return &annalsv1.AppendResponse{}, s.first("Append")
}

func (s *stopping) Scan(
	_ *annalsv1.ReadRequest, call grpc.ServerStreamingServer[annalsv1.ReadResponse],
) error {
	if err := s.first("Scan"); err != nil {
		return err
	}
	return call.Send(&annalsv1.ReadResponse{IsEnd: true,
		Events: []*annalsv1.RecordedEvent{{Stream: "a-1", Type: "Numbered"}}})
}

func (s *stopping) Subscribe(
	_ *annalsv1.SubscribeRequest, call grpc.ServerStreamingServer[annalsv1.SubscribeResponse],
) error {
	if err := s.first("Subscribe"); err != nil {
		return err
	}
	return call.Send(&annalsv1.SubscribeResponse{
		Events: []*annalsv1.RecordedEvent{{Stream: "a-1", Type: "Numbered"}}})
}

func TestACallThatTheServerCancelledIsMadeAgain(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	server := grpc.NewServer(grpc.Creds(insecure.NewCredentials()))
	heard := &stopping{code: codes.Canceled, calls: map[string]int{}}
	annalsv1.RegisterEventStoreServer(server, heard)
	go func() { _ = server.Serve(socket) }()
	t.Cleanup(server.Stop)
	client, err := annals.Connect(socket.Addr().String())
	ok(t, err)
	defer client.Close()
	_, err = client.Append(t.Context(), "a-1", numbers(0, 1))
	ok(t, err)
	same(t, len(heard.appends), 2)
	same(t, string(heard.appends[0].Events[0].Id), string(heard.appends[1].Events[0].Id))
	count := 0
	for _, err := range client.Read(t.Context()) {
		ok(t, err)
		count++
	}
	same(t, count, 1)
	for _, err := range client.Subscribe().Events(t.Context()) {
		ok(t, err)
		break
	}
}

func TestAnHTTPServerIsToldApart(t *testing.T) {
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	client, err := annals.Connect(page.Listener.Addr().String())
	ok(t, err)
	defer client.Close()
	_, informed := client.Info(t.Context())
	_, appended := client.Append(t.Context(), "a-1", numbers(0, 1))
	var read, subscribed error
	for _, read = range client.Read(t.Context()) {
	}
	for _, subscribed = range client.Subscribe().Events(t.Context()) {
	}
	for _, err := range []error{informed, appended, read, subscribed} {
		var failure *annals.Error
		if !errors.As(err, &failure) || failure.Code != annals.ErrUnavailable ||
			!strings.Contains(err.Error(), "speaks HTTP/1 and no gRPC: give the port of") {
			t.Fatalf("an HTTP server gives %v", err)
		}
		same(t, strings.Contains(err.Error(), "gave up"), false) // it is not tried again
		same(t, failure.Advice(), annals.RetryNever)
		same(t, failure.Fields["field"], "address")
	}
}
