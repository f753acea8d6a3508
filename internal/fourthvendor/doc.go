// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package fourthvendor proves that a further vendor fits. Example CA is made up: its order ids are text, it wants an account, a
// key and a client certificate, and orders are read by POST. The package has tests only; its files are those that a real vendor
// spreads over internal/client, internal/provider and internal/sandbox.
package fourthvendor
