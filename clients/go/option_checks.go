// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// check refuses options that cannot be, by their names.
func (o *options) check() error {
	if o.token != nil && o.tls == nil && !o.isTokenPlain {
		return refuse("Connect", "token",
			"a token would travel in plain text: add WithTLS, or WithPlainToken where "+
				"something else encrypts")
	}
	if o.backoff.First <= 0 || o.backoff.Max < o.backoff.First {
		return refuse("Connect", "backoff", fmt.Sprintf(
			"backoff from %v to %v cannot be: give a positive First and a Max that is not below",
			o.backoff.First, o.backoff.Max))
	}
	for _, each := range []struct {
		field, option string
		value         time.Duration
	}{
		{"timeout", "WithTimeout", o.timeout},
		{"keep_alive_interval", "WithKeepAlive", o.keepAliveInterval},
		{"keep_alive_timeout", "WithKeepAlive", o.keepAliveTimeout},
	} {
		if each.value <= 0 {
			return refuse("Connect", each.field, fmt.Sprintf(
				"%s is %v: give %s more than 0", each.field, each.value, each.option))
		}
	}
	for option, isMissing := range map[string]bool{
		"WithLogger": o.logger == nil, "WithTracing": o.tracing == nil} {
		if isMissing {
			return refuse("Connect", option, option+" has nil: leave the option out")
		}
	}
	return nil
}

// checkAddress refuses what gRPC would find out only when it dials, and only in its own words.
func checkAddress(address string) error {
	if strings.HasPrefix(address, "http://") || strings.HasPrefix(address, "https://") {
		return refuse("Connect", "address", fmt.Sprintf("%q is a URL: give HOST:PORT of the "+
			"server's gRPC (--grpc), without http://; WithTLS encrypts", address))
	}
	isOwn := strings.HasPrefix(address, "unix:") || strings.HasPrefix(address, "unix-abstract:") ||
		strings.Contains(address, "://") && !strings.HasPrefix(address, "dns://")
	if isOwn {
		return nil // gRPC's own names of servers
	}
	colon := strings.LastIndexByte(address, ':')
	port, err := strconv.ParseUint(address[colon+1:], 10, 32)
	if colon <= 0 || err != nil && !errors.Is(err, strconv.ErrRange) {
		return refuse("Connect", "address",
			fmt.Sprintf("%q has no port: give HOST:PORT, for example %s", address, defaultAddress))
	}
	if err != nil || port < 1 || port > 65_535 {
		return refuse("Connect", "address", fmt.Sprintf("%q: its port is %s; give 1 to 65535",
			address, address[colon+1:]))
	}
	return nil
}
