// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Revision is an event's 0-based dense number within its stream.
type Revision uint64

// Position is an event's 1-based dense number within the whole log of a namespace.
type Position uint64

// Token is a position that knows which log it belongs to: opaque text. Empty means "before the
// first event". Keep tokens, not positions: a log that was restored refuses those of events that
// it has lost.
type Token string

// position is the number in a token of the format that this client knows, so that a session can
// tell the later of two. ok is false for any other token.
func (t Token) position() (position Position, ok bool) {
	const format, at, size = 1, 15, 27
	raw, err := base64.RawURLEncoding.DecodeString(string(t))
	if err != nil || len(raw) != size || raw[0] != format {
		return 0, false
	}
	return Position(binary.BigEndian.Uint64(raw[at:])), true
}

// isBefore says that both tokens are of one log and this one's position is smaller.
func (t Token) isBefore(other Token) bool {
	const logBits = 11 // base64 characters that the format and the log's bits fill
	mine, ok := t.position()
	theirs, isKnown := other.position()
	return ok && isKnown && t[:logBits] == other[:logBits] && mine < theirs
}

// ID is a UUID.
type ID [16]byte

// IsZero says that there is no id.
func (id ID) IsZero() bool { return id == ID{} }

// String is the usual text, in lower case.
func (id ID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// ParseID reads the usual text of a UUID.
func ParseID(text string) (ID, error) {
	var id ID
	isShaped := len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
		text[23] == '-'
	if isShaped {
		digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
		if size, err := hex.Decode(id[:], []byte(digits)); err == nil && size == len(id) {
			return id, nil
		}
	}
	return ID{}, refuse("ParseID", "id",
		fmt.Sprintf("%q is not a UUID: write it as xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", text))
}
