// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandbox/realtimeregister"
)

// What callers name of the core and of vendors. Some of them import clients of the same names as the vendors' packages.
type (
	// ID identifies an object.
	ID = core.ID
	// Service names one listener of the simulator.
	Service = core.Service
	// Limit is a rate limit over a rolling window.
	Limit = core.Limit

	// Process is a Realtime Register process to add.
	Process = realtimeregister.Process
	// Certificate is a CPS certificate request to add.
	Certificate = cps.Certificate
	// Order is a DigiCert order to add.
	Order = digicert.Order
)

// The services.
const (
	RealtimeRegister = realtimeregister.Service
	CPS              = cps.Service
	Token            = cps.Token
	DigiCert         = digicert.Service
)

// The credentials.
const (
	APIKey                       = realtimeregister.APIKey
	APIKeyViewOnly               = realtimeregister.APIKeyViewOnly
	APIKeyWithoutPermission      = realtimeregister.APIKeyWithoutPermission
	ClientID                     = cps.ClientID
	ClientSecret                 = cps.ClientSecret
	ClientIDWithoutScope         = cps.ClientIDWithoutScope
	DigiCertKey                  = digicert.Key
	DigiCertKeyViewOnly          = digicert.KeyViewOnly
	DigiCertKeyOrdersOnly        = digicert.KeyOrdersOnly
	DigiCertKeyWithoutPermission = digicert.KeyWithoutPermission
)

// The objects that are there from the start.
const (
	ProcessSample      = realtimeregister.ProcessSample
	ProcessPending     = realtimeregister.ProcessPending
	CertificateSample  = cps.CertificateSample
	CertificatePending = cps.CertificatePending
	OrderSample        = digicert.OrderSample
	OrderPending       = digicert.OrderPending
	RequestSample      = digicert.RequestSample
)
