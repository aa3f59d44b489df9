// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

//go:build !linux

package main

import "os"

func syncData(file *os.File) error { return file.Sync() }
