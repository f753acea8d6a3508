// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"encoding/json"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
)

// noDate begins what the API sends for a date that is not known yet, such as the expiration of a certificate that the CA has
// not issued: the zero time of its programming language. Such a date is read as absent.
const noDate = "0001-01-01T00:00:00"

// Certificate is a certificate request: GET /sec/cps/v2.0/certificates/{id}. An item of the listing is
// one too, without organization. Timestamps are RFC 3339 with six fraction digits.
type Certificate struct {
	ResourcePath         *client.Text  `json:"@id" tfsdk:"resource_path"`   // relative, and not to be resolved: it omits /sec/cps
	ResourceType         *client.Text  `json:"@type" tfsdk:"resource_type"` // Certificate
	ID                   *client.Int   `json:"id"`
	AutoRenew            *client.Bool  `json:"auto_renew"`
	CertificateAuthority *client.Text  `json:"certificate_authority"` // DigiCert
	CertificateLabel     *client.Text  `json:"certificate_label"`
	Created              *client.Text  `json:"created"`
	CreatedBy            *Actor        `json:"created_by"`
	DCVMethod            *client.Text  `json:"dcv_method"` // Email, DnsCnameToken or DnsTxtToken
	Deployments          []Deployment  `json:"deployments"`
	Description          *client.Text  `json:"description"`
	Domains              []Domain      `json:"domains"`
	ExpirationDate       *client.Text  `json:"expiration_date"` // absent until the CA has issued
	LastModified         *client.Text  `json:"last_modified"`
	ModifiedBy           *Actor        `json:"modified_by"`
	Organization         *Organization `json:"organization"` // null for DV
	RequestType          *client.Text  `json:"request_type"` // Enterprise
	Thumbprint           *client.Text  `json:"thumbprint"`   // SHA-1, upper-case hexadecimal; null until the CA has issued
	ValidationType       *client.Text  `json:"validation_type"`
	WorkflowErrorMessage *client.Text  `json:"workflow_error_message"`
}

// DropNoDates makes dates absent that the API does not know yet. The client does it for every response.
func (c *Certificate) DropNoDates() {
	dates := []**client.Text{&c.Created, &c.ExpirationDate, &c.LastModified}
	for i := range c.Domains {
		dates = append(dates, &c.Domains[i].ActiveDate, &c.Domains[i].Created)
	}
	for _, date := range dates {
		if strings.HasPrefix((*date).String(), noDate) {
			*date = nil
		}
	}
}

// Actor is a user or an API client that made or changed a certificate request.
type Actor struct {
	UserID       *client.Int  `json:"user_id"`
	PortalTypeID *client.Text `json:"portal_type_id"`
	IdentityID   *client.Text `json:"identity_id"`   // not always a UUID
	IdentityType *client.Text `json:"identity_type"` // User or Client
}

// Deployment is a delivery region that serves the certificate.
type Deployment struct {
	DeliveryRegion *client.Text `json:"delivery_region"`
	Platform       *client.Text `json:"platform"`
	HexURL         *client.Text `json:"hex_url"` // CDN domain that requests go through
}

// Domain is one name on a certificate request.
type Domain struct {
	ID           *client.Int  `json:"id"`
	Name         *client.Text `json:"name"`
	Status       *client.Text `json:"status"`
	ActiveDate   *client.Text `json:"active_date"`
	IsCommonName *client.Bool `json:"is_common_name"`
	Created      *client.Text `json:"created"`
}

// Organization is who a certificate is requested for.
type Organization struct {
	ID                 *client.Int  `json:"id"`
	CompanyName        *client.Text `json:"company_name"`
	CompanyAddress     *client.Text `json:"company_address"`
	CompanyAddress2    *client.Text `json:"company_address2"`
	City               *client.Text `json:"city"`
	State              *client.Text `json:"state"`
	ZipCode            *client.Text `json:"zip_code"`
	Country            *client.Text `json:"country"` // ISO 3166
	OrganizationalUnit *client.Text `json:"organizational_unit"`
	ContactFirstName   *client.Text `json:"contact_first_name"`
	ContactLastName    *client.Text `json:"contact_last_name"`
	ContactEmail       *client.Text `json:"contact_email"`
	ContactPhone       *client.Text `json:"contact_phone"`
	ContactTitle       *client.Text `json:"contact_title"`
	AdditionalContacts []Contact    `json:"additional_contacts"`
}

// Contact is another person who may validate certificates for an organization.
type Contact struct {
	ID          *client.Int  `json:"id"`
	ContactType *client.Text `json:"contact_type"` // EVApprover for EV
	FirstName   *client.Text `json:"first_name"`
	LastName    *client.Text `json:"last_name"`
	Email       *client.Text `json:"email"`
	Phone       *client.Text `json:"phone"`
	Title       *client.Text `json:"title"`
}

// CertificateStatus is how far a certificate request is: GET /sec/cps/v2.0/certificates/{id}/status. A
// deleted certificate still has one.
type CertificateStatus struct {
	ID                *client.Int      `json:"id"`
	Step              *client.Int      `json:"step"`
	Status            *client.Text     `json:"status"` // Processing, DomainControlValidation, OtherValidation, Deployment, Active or Deleted
	RequiresAttention *client.Bool     `json:"requires_attention"`
	ErrorMessage      *client.Text     `json:"error_message"`
	OrderValidation   *OrderValidation `json:"order_validation"` // null until the order is placed with the CA
}

// OrderValidation is how far the CA is with an order.
type OrderValidation struct {
	Status                 *client.Text            `json:"status"`
	OrganizationValidation *OrganizationValidation `json:"organization_validation"`
	DomainValidations      []DomainValidation      `json:"domain_validations"`
}

// OrganizationValidation is how far the CA is with the organization of an order.
type OrganizationValidation struct {
	ValidationType *client.Text `json:"validation_type"` // None, DV, OV or EV
	Status         *client.Text `json:"status"`
}

// DomainValidation is how far the CA is with one domain of an order.
type DomainValidation struct {
	DomainID    *client.Int    `json:"domain_id"`
	DomainNames []*client.Text `json:"domain_names"`
	Status      *client.Text   `json:"status"` // Unknown, Pending, Rejected, Approved or NA
}

// DomainDCV is what proves control over one domain: an item of
// GET /sec/cps/v2.0/dcv/certificates/{id}.
type DomainDCV struct {
	DomainID  *client.Int    `json:"domain_id"`
	DCVMethod *client.Text   `json:"dcv_method"`
	DCVToken  *DCVToken      `json:"dcv_token"` // null for the e-mail method and once the domain is validated
	Emails    []*client.Text `json:"emails"`
}

// DCVToken is the value to publish in DNS. It is matched with its case. The API sends it as text or as an object.
type DCVToken struct {
	Token *client.Text `json:"token"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *DCVToken) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, &t.Token)
	}
	type object DCVToken
	return json.Unmarshal(data, (*object)(t))
}

// useful tells whether the data says how to prove control.
func (d *DomainDCV) useful() bool {
	return d.token() != "" || len(client.Texts(d.Emails)) > 0
}

// token is the value to publish, "" where there is none.
func (d *DomainDCV) token() string {
	if d.DCVToken == nil {
		return ""
	}
	return d.DCVToken.Token.String()
}
