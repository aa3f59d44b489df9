// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"
)

func TestNewIDsAreUUIDv7OfNow(t *testing.T) {
	begun := time.Now().UnixMilli()
	id := NewID()
	ended := time.Now().UnixMilli()
	at := int64(binary.BigEndian.Uint64(append([]byte{0, 0}, id[:6]...)))
	if at < begun || at > ended || id[6]>>4 != 7 || id[8]>>6 != 2 || NewID() == id {
		t.Fatalf("%s is no UUIDv7 of %d to %d ms", id, begun, ended)
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"01890a5d-ac96-774b-bcce-b302099a8057", "",
		"01890a5d-ac96-774b-bcce-b302099a805g", "01890A5D-AC96-774B-BCCE-B302099A8057",
		"01890a5dac96774bbcceb302099a8057aaaa", "é1890a5d-ac96-774b-bcce-b302099a80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseID(text)
		if err != nil {
			if !id.IsZero() {
				t.Fatalf("%q is refused and gives %s", text, id)
			}
			return
		}
		again, err := ParseID(id.String())
		if err != nil || again != id || len(text) != 36 {
			t.Fatalf("%q gives %s, which gives %s, %v", text, id, again, err)
		}
	})
}

func TestParseIDReadsBothCasesAndNothingElse(t *testing.T) {
	const text = "01890a5d-ac96-774b-bcce-b302099a8057"
	id, err := ParseID("01890A5D-AC96-774B-BCCE-B302099A8057")
	if err != nil || id.String() != text {
		t.Fatalf("got %s, %v", id, err)
	}
	for _, wrong := range []string{"", text + "0", text[:35], "0189-a5d0ac96-774b-bcce-b302099a8057",
		"01890a5d-ac96-774b-bcce-b302099a805x"} {
		if _, err := ParseID(wrong); err == nil {
			t.Fatalf("%q is taken", wrong)
		}
	}
}

// tokenOf is a token in the format of the server.
func tokenOf(log byte, position byte) Token {
	raw := make([]byte, 27)
	raw[0], raw[1], raw[22] = 1, log, position
	return Token(base64.RawURLEncoding.EncodeToString(raw))
}

func TestSessionKeepsTheLatestPosition(t *testing.T) {
	client := (&Client{}).Session()
	client.Observe(tokenOf(1, 5))
	client.Observe(tokenOf(1, 3))
	if got := client.Position(); got != tokenOf(1, 5) {
		t.Fatalf("an earlier position moved it to %s", got)
	}
	client.Observe("")
	client.Observe(tokenOf(1, 6))
	if got := client.Position(); got != tokenOf(1, 6) {
		t.Fatalf("a later position did not move it from %s", got)
	}
	// another log, or a format of later days: the newest counts
	for _, other := range []Token{tokenOf(2, 1), "of-another-format", tokenOf(2, 1)} {
		client.Observe(other)
		if got := client.Position(); got != other {
			t.Fatalf("got %s, want %s", got, other)
		}
	}
	if (&Client{}).Position() != "" {
		t.Fatal("what is no session has a position")
	}
}

func FuzzToken(f *testing.F) {
	f.Add(string(tokenOf(1, 2)), string(tokenOf(1, 3)))
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, one, other string) {
		if Token(one).isBefore(Token(other)) && Token(other).isBefore(Token(one)) {
			t.Fatalf("%q and %q are before each other", one, other)
		}
	})
}

// applied is RFC 7396, written the other way round than mergePatch.
func applied(target, patch any) any {
	fields, isObject := patch.(map[string]any)
	if !isObject {
		return patch
	}
	into, isThere := target.(map[string]any)
	if !isThere {
		into = map[string]any{}
	}
	for name, value := range fields {
		if value == nil {
			delete(into, name)
		} else {
			into[name] = applied(into[name], value)
		}
	}
	return into
}

func hasNull(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		for _, inner := range value {
			if hasNull(inner) {
				return true
			}
		}
	}
	return false
}

func FuzzMergePatchMakesOneObjectOfAnother(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":[1],"d":2}}`, `{"b":{"c":[2],"e":{"f":1}}}`)
	f.Add(`{"a":{"b":1}}`, `{"a":2}`)
	f.Add(`{"a":2}`, `{"a":{"b":1}}`)
	f.Add(`{}`, `{"":""}`)
	f.Add(`{"a":{}}`, `{}`)
	f.Fuzz(func(t *testing.T, one, other string) {
		var before, after map[string]any
		if json.Unmarshal([]byte(one), &before) != nil ||
			json.Unmarshal([]byte(other), &after) != nil || before == nil || after == nil ||
			hasNull(after) {
			return
		}
		// as Update has them: both marshalled
		oldText, _ := json.Marshal(before)
		newText, _ := json.Marshal(after)
		patch, err := mergePatch(oldText, newText)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(patch)
		var read any
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if got := applied(before, read); !reflect.DeepEqual(got, any(after)) {
			t.Fatalf("%s and the patch %s give %v, want %s", oldText, text, got, newText)
		}
	})
}

func TestBackoffDoublesUpToItsMaximumAndHeedsTheServer(t *testing.T) {
	backoff := Backoff{First: 10 * time.Millisecond, Max: 100 * time.Millisecond}
	for attempt, most := range []time.Duration{10, 20, 40, 80, 100, 100} {
		for range 100 {
			wait := backoff.wait(attempt, 0)
			if wait > most*time.Millisecond || wait < most*time.Millisecond/2 {
				t.Fatalf("try %d waits %v, want %v to %v ms", attempt, wait, most/2, most)
			}
		}
	}
	if wait := backoff.wait(1_000, 0); wait > backoff.Max {
		t.Fatalf("after many tries it waits %v", wait)
	}
	if wait := backoff.wait(0, 70*time.Millisecond); wait != 70*time.Millisecond {
		t.Fatalf("asked for 70 ms it waits %v", wait)
	}
	if wait := backoff.wait(0, time.Hour); wait != backoff.Max {
		t.Fatalf("asked for an hour it waits %v", wait)
	}
}

func TestRateForgetsWhatIsOld(t *testing.T) {
	begun := time.Now()
	var r rate
	r.add(begun, 0)
	r.add(begun.Add(2*time.Second), 100)
	if got := r.perSecond(begun.Add(4 * time.Second)); got != 25 {
		t.Fatalf("100 events in 4 s are %v a second", got)
	}
	r.add(begun.Add(6*time.Second), 300)
	if got := r.perSecond(begun.Add(8 * time.Second)); got != 50 {
		t.Fatalf("400 events in 8 s are %v a second", got)
	}
	if got := r.perSecond(begun.Add(time.Minute)); got != 0 {
		t.Fatalf("after a minute of rest there are %v a second", got)
	}
}

func TestACallThatRanOutOfTimeSaysWhatItMetBefore(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	late := errorOf("Append", statusOf(context.DeadlineExceeded))
	before := &Error{Code: ErrDiskFull, Operation: "Append", Message: "no room"}
	for _, one := range []struct {
		last error
		want Code
	}{{nil, ErrDeadlineExceeded}, {before, ErrDiskFull}} {
		err := endOf(ctx, 3, late, one.last)
		if !errors.Is(err, one.want) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("after %v it says %v", one.last, err)
		}
	}
}
