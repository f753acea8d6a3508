// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// ProcessInfo is the response of GET /v2/processes/{processId}/info for a process of type certificate:
// https://dm.realtimeregister.com/docs/api/processes/info. An empty document is a valid response. The
// member oneTimeLink is a credential, and has a method of its own, [Client.OneTimeLink].
type ProcessInfo struct {
	CommonName        *client.Text `json:"commonName"`
	RequiresAttention *client.Bool `json:"requiresAttention"` // absent means false
	CertificateID     *client.Int  `json:"certificateId"`     // only when the certificate was issued at once
	Validations       *Validations `json:"validations"`
	Notes             []Note       `json:"notes"` // deprecated, nearly always empty
}

// Validations tells how far each validation of a certificate request is: WAITING, ATTENTION or
// VALIDATED.
type Validations struct {
	Organization *client.Text `json:"organization"`
	Docs         *client.Text `json:"docs"`
	Voice        *client.Text `json:"voice"`
	Whois        *client.Text `json:"whois"`
	Agreement    *client.Text `json:"agreement"`
	DCV          []DCV        `json:"dcv"`
}

// DCV is the domain control validation of one name.
type DCV struct {
	CommonName      *client.Text `json:"commonName"` // may be a wildcard
	Type            *client.Text `json:"type"`       // EMAIL, FILE or DNS; can be null
	Email           *client.Text `json:"email"`
	Status          *client.Text `json:"status"`      // WAITING, ATTENTION or VALIDATED
	DNSRecord       *client.Text `json:"dnsRecord"`   // owner name, with or without trailing dot, also a bare label
	DNSType         *client.Text `json:"dnsType"`     // CNAME or TXT; absent in older answers, where it means CNAME
	DNSContents     *client.Text `json:"dnsContents"` // with or without trailing dot
	FileLocation    *client.Text `json:"fileLocation"`
	FileContents    *client.Text `json:"fileContents"` // can have several lines
	CAARecordStatus *client.Text `json:"caaRecordStatus"`
	RiskStatus      *client.Text `json:"riskStatus"` // PASSED, WAITING or FAILED
}

// Note is a message about a certificate request.
type Note struct {
	CreatedDate *client.Text `json:"createdDate"` // RFC 3339
	Type        *client.Text `json:"type"`        // INCOMING or OUTGOING
	Message     *client.Text `json:"message"`
}

// Process is one operation in the account, such as a certificate request:
// GET /v2/processes/{processId}, and an entity of GET /v2/processes.
type Process struct {
	ID           *client.Int    `json:"id"`
	User         *client.Text   `json:"user"`
	Customer     *client.Text   `json:"customer"`
	Status       *client.Text   `json:"status"` // SUSPENDED while the order waits for validation
	StatusDetail *client.Text   `json:"statusDetail"`
	ResumeTypes  []*client.Text `json:"resumeTypes"`
	CreatedDate  *client.Text   `json:"createdDate"` // RFC 3339
	UpdatedDate  *client.Text   `json:"updatedDate"` // RFC 3339
	StartedDate  *client.Text   `json:"startedDate"` // RFC 3339
	Type         *client.Text   `json:"type"`        // certificate, domain, …
	Identifier   *client.Text   `json:"identifier"`  // the domain
	Action       *client.Text   `json:"action"`
	// Command is what was asked for, in a form that depends on the type and the action.
	Command   *Document  `json:"command"`
	Billables []Billable `json:"billables"`
	// What the process has in the billing. The vendor's SDKs have numbers by a key, and its pages do not tell more.
	Reservation Numbers `json:"reservation"`
	Transaction Numbers `json:"transaction"`
	Refund      Numbers `json:"refund"`
	// Error is why the process failed, in a form that depends on its type.
	Error *Document `json:"error"`
}

// Document is a value as [client.JSON] spells it, without any member oneTimeLink: nothing says what is in it, and the link is a
// credential.
type Document string

// UnmarshalJSON implements json.Unmarshaler.
func (d *Document) UnmarshalJSON(data []byte) error {
	var text client.JSON
	if err := text.UnmarshalJSON(data); err != nil {
		return err
	}
	*d = Document(text)
	if !strings.Contains(strings.ToLower(string(text)), linkMember) {
		return nil
	}
	value, err := client.DecodeAny([]byte(text))
	if err != nil {
		return err
	}
	dropLinks(value)
	cleaned, err := json.Marshal(value)
	*d = Document(cleaned)
	return err
}

// linkMember is the name of the member that holds the one-time link, in lower case.
const linkMember = "onetimelink"

// dropLinks takes the one-time link out of a decoded value.
func dropLinks(value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			dropLinks(element)
		}
	case map[string]any:
		maps.DeleteFunc(value, func(name string, _ any) bool { return strings.EqualFold(name, linkMember) })
		for _, member := range value {
			dropLinks(member)
		}
	}
}

// Numbers are numbers by a key. A nil value is JSON null.
type Numbers map[string]*client.Decimal

// UnmarshalJSON implements json.Unmarshaler. No DNS record depends on the billing, so what is of another form than the SDKs
// have does not fail the read of a whole list: a value that is no number counts as null, and so does what is no object.
func (n *Numbers) UnmarshalJSON(data []byte) error {
	*n = nil
	if data[0] != '{' {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	numbers := make(Numbers, len(members))
	for name, raw := range members {
		var number *client.Decimal
		if err := json.Unmarshal(raw, &number); err != nil {
			number = nil
		}
		numbers[name] = number
	}
	*n = numbers
	return nil
}

// Billable is something that a process is charged for.
type Billable struct {
	Product      *client.Text    `json:"product"`
	Action       *client.Text    `json:"action"` // REQUEST, RENEW, EXTRA_DOMAIN, EXTRA_WILDCARD, …
	ProviderName *client.Text    `json:"providerName"`
	Quantity     *client.Decimal `json:"quantity"`
	Amount       *client.Decimal `json:"amount"`
	Refundable   *client.Bool    `json:"refundable"`
	Total        *client.Decimal `json:"total"`
}
