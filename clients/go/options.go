// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	receiveBytesMax = 17 << 20 // an event of 16 MiB with what lies around it
	userAgent       = "annals-client-go/1"
)

type options struct {
	namespace         string
	tls               *tls.Config
	token             func(context.Context) (string, error)
	isTokenPlain      bool
	timeout           time.Duration
	backoff           Backoff
	keepAliveInterval time.Duration
	keepAliveTimeout  time.Duration
	tracing           Tracing
	logger            *slog.Logger
	dialOptions       []grpc.DialOption
}

func defaultOptions() options {
	return options{
		timeout:           20 * time.Second,
		backoff:           Backoff{First: 50 * time.Millisecond, Max: 2 * time.Second},
		keepAliveInterval: 10 * time.Second,
		keepAliveTimeout:  5 * time.Second,
		tracing:           plainTracing{},
		logger:            slog.New(slog.DiscardHandler),
	}
}

// Option is a setting of a client.
type Option func(*options)

// WithNamespace names the namespace of all calls; without it, "default". See [Client.Namespace].
func WithNamespace(name string) Option { return func(o *options) { o.namespace = name } }

// WithTLS encrypts the connection; &tls.Config{} trusts the system's roots. Without it the
// connection is plain text.
func WithTLS(config *tls.Config) Option { return func(o *options) { o.tls = config } }

// WithToken sends a bearer token with each call. Needs [WithTLS], unless [WithPlainToken].
func WithToken(token string) Option {
	return WithTokenSource(func(context.Context) (string, error) { return token, nil })
}

// WithTokenSource asks for a bearer token before each call, so that it can be renewed: keep it, the
// call waits. An error fails the call.
func WithTokenSource(source func(ctx context.Context) (string, error)) Option {
	return func(o *options) { o.token = source }
}

// WithPlainToken lets tokens travel without TLS: only where something else encrypts.
func WithPlainToken() Option { return func(o *options) { o.isTokenPlain = true } }

// WithTimeout is the deadline of calls whose context has none: 20 s without it. Tries and waits
// between them count. Reads that go on over pages give up once nothing came for so long;
// subscriptions, consumers and members never do.
func WithTimeout(timeout time.Duration) Option { return func(o *options) { o.timeout = timeout } }

// WithBackoff is how long to wait before trying again: 50 ms, doubling up to 2 s, without it.
func WithBackoff(wait Backoff) Option { return func(o *options) { o.backoff = wait } }

// WithKeepAlive asks the server, after an interval without traffic, whether it is there, and breaks
// the connection when it does not answer within timeout: a cut network is noticed after their sum.
// 10 s and 5 s without it. gRPC raises intervals below 10 s to 10 s.
func WithKeepAlive(interval, timeout time.Duration) Option {
	return func(o *options) { o.keepAliveInterval, o.keepAliveTimeout = interval, timeout }
}

// WithTracing joins calls and events with traces; see package annalsotel.
func WithTracing(tracing Tracing) Option { return func(o *options) { o.tracing = tracing } }

// WithLogger tells about reconnections and tries; without it the client is silent.
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithDialOptions gives gRPC options of its own, behind those of the client.
func WithDialOptions(more ...grpc.DialOption) Option {
	return func(o *options) { o.dialOptions = append(o.dialOptions, more...) }
}

func (o *options) dial() []grpc.DialOption {
	transport := insecure.NewCredentials()
	if o.tls != nil {
		transport = credentials.NewTLS(o.tls)
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithUserAgent(userAgent),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(receiveBytesMax), grpc.MaxCallSendMsgSize(receiveBytesMax)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: o.keepAliveInterval,
			Timeout: o.keepAliveTimeout, PermitWithoutStream: true}),
		// the client's own backoff decides when to try again
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: 3 * time.Second,
			Backoff: backoff.Config{BaseDelay: o.backoff.First, Multiplier: 1.6, Jitter: 0.2,
				MaxDelay: o.backoff.Max}}),
		grpc.WithInitialWindowSize(4 << 20),
		grpc.WithInitialConnWindowSize(8 << 20),
	}
	if o.token != nil {
		dial = append(dial, grpc.WithPerRPCCredentials(bearer{o.token, !o.isTokenPlain}))
	}
	return append(dial, o.dialOptions...)
}

type bearer struct {
	token    func(context.Context) (string, error)
	needsTLS bool
}

func (b bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := b.token(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

func (b bearer) RequireTransportSecurity() bool { return b.needsTLS }
