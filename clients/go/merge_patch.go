// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"bytes"
	"encoding/json"
)

// mergePatch is the RFC 7396 patch that makes one JSON object of another. A member that is null
// afterwards is removed, because a merge patch cannot say otherwise.
func mergePatch(before, after []byte) (map[string]json.RawMessage, error) {
	var old, young map[string]json.RawMessage
	if err := json.Unmarshal(before, &old); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &young); err != nil {
		return nil, err
	}
	patch := map[string]json.RawMessage{}
	for name := range old {
		if _, isThere := young[name]; !isThere {
			patch[name] = json.RawMessage("null")
		}
	}
	for name, value := range young {
		was, wasThere := old[name]
		switch {
		case wasThere && bytes.Equal(was, value):
		case wasThere && isObject(was) && isObject(value):
			inner, err := mergePatch(was, value)
			if err != nil {
				return nil, err
			}
			if patch[name], err = json.Marshal(inner); err != nil {
				return nil, err
			}
		default:
			patch[name] = value
		}
	}
	return patch, nil
}

func isObject(value json.RawMessage) bool { return len(value) > 0 && value[0] == '{' }
