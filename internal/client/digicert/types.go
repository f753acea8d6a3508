// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"bytes"
	"encoding/json"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// OrderValidation is the response of GET /order/certificate/{order_id}/validation:
// https://dev.digicert.com/certcentral-apis/services-api/orders/order-validation-status.html. Ids are
// text here and numbers elsewhere. Timestamps are RFC 3339.
type OrderValidation struct {
	OrderID                 *client.Text             `json:"order_id"`
	OrderStatus             *client.Text             `json:"order_status"`
	OrderNameScope          *client.Text             `json:"order_name_scope"` // base_domain or fqdn
	OrderDCVMethod          *client.Text             `json:"order_dcv_method"`
	OrganizationID          *client.Text             `json:"organization_id"`
	OrganizationName        *client.Text             `json:"organization_name"`
	OrganizationValidations []OrganizationValidation `json:"organization_validations"` // absent for DV
	DNSNameValidations      []DNSNameValidation      `json:"dns_name_validations"`
}

// OrganizationValidation is one kind of validation of the organization on an order.
type OrganizationValidation struct {
	Type                *client.Text        `json:"type"`
	Name                *client.Text        `json:"name"`
	Description         *client.Text        `json:"description"`
	DateCreated         *client.Text        `json:"date_created"`
	ValidatedUntil      *client.Text        `json:"validated_until"`
	Status              *client.Text        `json:"status"`
	VerifiedContacts    []VerifiedContact   `json:"verified_contacts"`
	VerificationDetails VerificationDetails `json:"verification_details"`
}

// VerifiedContact is a person the CA has verified, or is about to, for an organization.
type VerifiedContact struct {
	UserID    *client.Text `json:"user_id"` // "0" for a person without an account
	Name      *client.Text `json:"name"`
	FirstName *client.Text `json:"first_name"`
	LastName  *client.Text `json:"last_name"`
	JobTitle  *client.Text `json:"job_title"`
	Telephone *client.Text `json:"telephone"`
	Email     *client.Text `json:"email"`
	Status    *client.Text `json:"status"`
}

// VerificationDetails is the status of each component of an organization's validation. A nil value is
// JSON null.
type VerificationDetails map[string]*client.Text

// UnmarshalJSON implements json.Unmarshaler. The components are not documented one by one, so a value
// that is no plain text becomes its JSON text, and anything but an object means no details: an empty
// array is how an empty object comes out of some servers.
func (d *VerificationDetails) UnmarshalJSON(data []byte) error {
	*d = nil
	if data[0] != '{' {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	details := make(VerificationDetails, len(members))
	for name, raw := range members {
		details[name] = detail(raw)
	}
	*d = details
	return nil
}

// detail returns a member's value as text, nil for null.
func detail(raw json.RawMessage) *client.Text {
	var text *client.Text
	if err := json.Unmarshal(raw, &text); err == nil {
		return text
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil
	}
	value := client.Text(compact.String())
	return &value
}

// DNSNameValidation is the validation of one domain of an order. The token to publish is in the Domain
// that DomainID leads to.
type DNSNameValidation struct {
	DomainID               *client.Text   `json:"domain_id"`
	NameScope              *client.Text   `json:"name_scope"` // the domain that is validated
	ApprovalScope          *client.Text   `json:"approval_scope"`
	Status                 *client.Text   `json:"status"`
	Method                 *client.Text   `json:"method"`    // email, dns-txt-token, dns-cname-token, http-token or http-token-dynamic
	DNSNames               []*client.Text `json:"dns_names"` // the names on the certificate it covers
	ApprovalExpirationDate *client.Text   `json:"approval_expiration_date"`
}

// Domain is the response of GET /domain/{domain_id} with DCV and validations included:
// https://dev.digicert.com/certcentral-apis/services-api/domains/domain-info.html.
type Domain struct {
	ID                    *client.Int         `json:"id"`
	Name                  *client.Text        `json:"name"`
	IsActive              *client.Bool        `json:"is_active"`
	Status                *client.Text        `json:"status"` // deprecated by the vendor in favor of Validations
	IsPendingValidation   *client.Bool        `json:"is_pending_validation"`
	DateCreated           *client.Text        `json:"date_created"`
	LastSubmittedDatetime *client.Text        `json:"last_submitted_datetime"`
	DomainLockingStatus   *client.Text        `json:"domain_locking_status"` // only where the account locks domains, like AccountToken
	AccountToken          *client.Text        `json:"account_token"`         // public: it is published in CAA records
	Organization          *DomainOrganization `json:"organization"`
	DCVMethod             *client.Text        `json:"dcv_method"`
	DCVApprovalDatetime   *client.Text        `json:"dcv_approval_datetime"`
	DCVExpirationDatetime *client.Text        `json:"dcv_expiration_datetime"`
	DCVExpiration         *DCVExpiration      `json:"dcv_expiration"`
	Validations           []DomainValidation  `json:"validations"`
	DCVToken              *DCVToken           `json:"dcv_token"` // absent for e-mail and once the domain is validated
	Container             *Container          `json:"container"`
}

// DomainOrganization is the organization a domain belongs to.
type DomainOrganization struct {
	ID          *client.Int  `json:"id"`
	Status      *client.Text `json:"status"`
	Name        *client.Text `json:"name"`
	AssumedName *client.Text `json:"assumed_name"`
	DisplayName *client.Text `json:"display_name"`
	IsActive    *client.Bool `json:"is_active"`
}

// DCVExpiration tells until when the control over a domain is proven, as YYYY-MM-DD, and whether that can still be used.
type DCVExpiration struct {
	OV              *client.Text `json:"ov"`
	EV              *client.Text `json:"ev"`
	OVStatus        *client.Text `json:"ov_status"`
	EVStatus        *client.Text `json:"ev_status"`
	OVShortened     *client.Bool `json:"ov_shortened"`
	DCVApprovalDate *client.Text `json:"dcv_approval_date"`
}

// DomainValidation is one kind of validation of a domain.
type DomainValidation struct {
	Type           *client.Text `json:"type"`
	Name           *client.Text `json:"name"`
	Description    *client.Text `json:"description"`
	DateCreated    *client.Text `json:"date_created"`
	ValidatedUntil *client.Text `json:"validated_until"`
	Status         *client.Text `json:"status"`
	DCVStatus      *client.Text `json:"dcv_status"`
}

// DCVToken is the value to publish. It is matched with its case.
type DCVToken struct {
	Token             *client.Text `json:"token"`
	Status            *client.Text `json:"status"` // pending or active
	ExpirationDate    *client.Text `json:"expiration_date"`
	VerificationValue *client.Text `json:"verification_value"` // to be shown only: what it means changed in October 2025
	HTTPTokenURL      *client.Text `json:"http_token_url"`
}

// Request is the response of GET /request/{request_id}:
// https://dev.digicert.com/certcentral-apis/services-api/requests/request-info.html. An item of the
// listing is one with fewer members.
type Request struct {
	ID               *client.Int   `json:"id"`
	Date             *client.Text  `json:"date"`
	Type             *client.Text  `json:"type"`           // new_request, revoke, duplicate or reissue
	Status           *client.Text  `json:"status"`         // submitted, pending, approved or rejected
	DateProcessed    *client.Text  `json:"date_processed"` // absent while pending, like Reviewer and Processor
	Requester        *User         `json:"requester"`
	Reviewer         *User         `json:"reviewer"`
	Processor        *User         `json:"processor"`
	ProcessorComment *client.Text  `json:"processor_comment"`
	Order            *RequestOrder `json:"order"`
	Comments         *client.Text  `json:"comments"`
}

// User is a person with an account.
type User struct {
	ID        *client.Int  `json:"id"`
	FirstName *client.Text `json:"first_name"`
	LastName  *client.Text `json:"last_name"`
	Email     *client.Text `json:"email"`
}

// RequestOrder is the order as it was when the request was made; it is not brought up to date.
type RequestOrder struct {
	ID                          *client.Int         `json:"id"`
	Certificate                 *RequestCertificate `json:"certificate"`
	Status                      *client.Text        `json:"status"`
	IsRenewal                   *client.Bool        `json:"is_renewal"`
	RenewalOfOrderValidTill     *client.Text        `json:"renewal_of_order_valid_till"` // YYYY-MM-DD
	DateCreated                 *client.Text        `json:"date_created"`
	Organization                *Organization       `json:"organization"`
	ValidityYears               *client.Int         `json:"validity_years"`
	OrderValidity               *OrderValidity      `json:"order_validity"`
	DisableRenewalNotifications *client.Bool        `json:"disable_renewal_notifications"`
	AutoRenew                   *Count              `json:"auto_renew"` // how many renewals
	Container                   *Container          `json:"container"`
	Product                     *Product            `json:"product"`
	OrganizationContact         *OrderContact       `json:"organization_contact"`
	TechnicalContact            *OrderContact       `json:"technical_contact"`
	User                        *User               `json:"user"`
	Requests                    []OrderRequest      `json:"requests"`
	UnsubmittedDomains          []*client.Text      `json:"unsubmitted_domains"`
	AdditionalEmails            []*client.Text      `json:"additional_emails"`
	Price                       *client.Decimal     `json:"price"`
	IsOutOfContract             *client.Bool        `json:"is_out_of_contract"`
	PaymentMethod               *client.Text        `json:"payment_method"`
	ProductNameID               *client.Text        `json:"product_name_id"`
	DisableIssuanceEmail        *client.Bool        `json:"disable_issuance_email"`
	DisableCT                   *client.Bool        `json:"disable_ct"`
	CSProvisioningMethod        *client.Text        `json:"cs_provisioning_method"`
	ShipInfo                    *ShipInfo           `json:"ship_info"`
}

// Count is a number that older revisions of the API send as a flag: true is 1, false is 0.
type Count client.Int

// UnmarshalJSON implements json.Unmarshaler.
func (c *Count) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true":
		*c = 1
		return nil
	case "false":
		*c = 0
		return nil
	}
	return (*client.Int)(c).UnmarshalJSON(data)
}

// RequestCertificate is the certificate asked for.
type RequestCertificate struct {
	CommonName        *client.Text             `json:"common_name"`
	DNSNames          []*client.Text           `json:"dns_names"`
	Emails            []*client.Text           `json:"emails"`
	DateCreated       *client.Text             `json:"date_created"`
	CSR               *client.Text             `json:"csr"`
	Organization      *CertificateOrganization `json:"organization"`
	OrganizationUnits []*client.Text           `json:"organization_units"`
	ServerPlatform    *ServerPlatform          `json:"server_platform"`
	SignatureHash     *client.Text             `json:"signature_hash"`
	KeySize           *client.Int              `json:"key_size"` // bits
	CACert            *CACert                  `json:"ca_cert"`
}

// CertificateOrganization is the organization on a certificate. Older revisions send the id alone.
type CertificateOrganization struct {
	ID      *client.Int  `json:"id"`
	Name    *client.Text `json:"name"`
	City    *client.Text `json:"city"`
	State   *client.Text `json:"state"`
	Country *client.Text `json:"country"`
}

// ServerPlatform is the software a certificate is for.
type ServerPlatform struct {
	ID         *client.Int  `json:"id"` // -1 for any other
	Name       *client.Text `json:"name"`
	InstallURL *client.Text `json:"install_url"`
	CSRURL     *client.Text `json:"csr_url"`
}

// CACert is the certificate that signs.
type CACert struct {
	ID   *client.Text `json:"id"` // opaque
	Name *client.Text `json:"name"`
}

// Organization is who an order is for.
type Organization struct {
	ID          *client.Int  `json:"id"`
	Name        *client.Text `json:"name"`
	AssumedName *client.Text `json:"assumed_name"`
	DisplayName *client.Text `json:"display_name"`
	City        *client.Text `json:"city"`
	State       *client.Text `json:"state"`
	Country     *client.Text `json:"country"`
}

// OrderValidity is how long an order is valid for, in one of three ways.
type OrderValidity struct {
	Years                *client.Int  `json:"years"`
	Days                 *client.Int  `json:"days"`
	CustomExpirationDate *client.Text `json:"custom_expiration_date"`
}

// Container is a division of an account.
type Container struct {
	ID       *client.Int  `json:"id"`
	Name     *client.Text `json:"name"`
	IsActive *client.Bool `json:"is_active"`
}

// Product is what was ordered.
type Product struct {
	NameID                *client.Text `json:"name_id"`
	Name                  *client.Text `json:"name"`
	Type                  *client.Text `json:"type"`
	ValidationType        *client.Text `json:"validation_type"`
	ValidationName        *client.Text `json:"validation_name"`
	ValidationDescription *client.Text `json:"validation_description"`
}

// OrderContact is a person to reach about an order.
type OrderContact struct {
	FirstName          *client.Text `json:"first_name"`
	LastName           *client.Text `json:"last_name"`
	Email              *client.Text `json:"email"`
	JobTitle           *client.Text `json:"job_title"`
	Telephone          *client.Text `json:"telephone"`
	TelephoneExtension *client.Text `json:"telephone_extension"`
}

// OrderRequest is one of the requests made on an order.
type OrderRequest struct {
	ID       *client.Int  `json:"id"`
	Date     *client.Text `json:"date"`
	Type     *client.Text `json:"type"`
	Status   *client.Text `json:"status"`
	Comments *client.Text `json:"comments"`
}

// ShipInfo is where hardware is sent to.
type ShipInfo struct {
	Name    *client.Text `json:"name"`
	Addr1   *client.Text `json:"addr1"`
	Addr2   *client.Text `json:"addr2"`
	City    *client.Text `json:"city"`
	State   *client.Text `json:"state"`
	Zip     *client.Text `json:"zip"` // also sent as a number
	Country *client.Text `json:"country"`
	Method  *client.Text `json:"method"`
}

// Order is an item of GET /order/certificate:
// https://dev.digicert.com/certcentral-apis/services-api/orders/list-orders.html.
type Order struct {
	ID                          *client.Int       `json:"id"`
	Certificate                 *OrderCertificate `json:"certificate"`
	Status                      *client.Text      `json:"status"`
	IsRenewed                   *client.Bool      `json:"is_renewed"`
	DateCreated                 *client.Text      `json:"date_created"`
	Organization                *OrderOwner       `json:"organization"`
	ValidityYears               *client.Int       `json:"validity_years"`
	DisableRenewalNotifications *client.Bool      `json:"disable_renewal_notifications"`
	Container                   *Container        `json:"container"`
	Product                     *Product          `json:"product"`
	HasDuplicates               *client.Bool      `json:"has_duplicates"`
	ProductNameID               *client.Text      `json:"product_name_id"`
}

// OrderCertificate is the certificate of a listed order.
type OrderCertificate struct {
	ID            *client.Int    `json:"id"`
	CommonName    *client.Text   `json:"common_name"`
	DNSNames      []*client.Text `json:"dns_names"`
	ValidTill     *client.Text   `json:"valid_till"`     // YYYY-MM-DD; absent until issued
	DaysRemaining *client.Int    `json:"days_remaining"` // changes from day to day
	SignatureHash *client.Text   `json:"signature_hash"`
}

// OrderOwner is the organization of a listed order.
type OrderOwner struct {
	ID   *client.Int  `json:"id"`
	Name *client.Text `json:"name"`
}
