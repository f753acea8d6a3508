// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package core is what the simulated vendors are built on.
package core
