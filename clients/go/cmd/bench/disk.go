// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package main

import (
	"bytes"
	"os"
	"path/filepath"
)

const diskBytes = 16 << 20

// A disk is a file of written blocks, for syncs like those of a log.
type disk struct {
	file *os.File
	at   int64
}

func openDisk(folder string) (*disk, error) {
	file, err := os.Create(filepath.Join(folder, "written"))
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(make([]byte, diskBytes)); err != nil {
		return nil, err
	}
	return &disk{file: file}, file.Sync()
}

// sync makes an event's bytes durable.
func (d *disk) sync() error {
	if _, err := d.file.WriteAt(bytes.Repeat([]byte("x"), eventBytes), d.at); err != nil {
		return err
	}
	d.at = (d.at + eventBytes) % diskBytes
	return syncData(d.file)
}

func (d *disk) close() { d.file.Close() }
