// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

// newRequest reads GET /request/{request_id}.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/requests/request-info.html
func newRequest(typeName string) func() datasource.DataSource {
	return base.NewVendorSource(typeName, Vendor{}, requestSchema, readRequest)
}

type requestModel struct {
	RequestID types.Int64 `tfsdk:"request_id"`
	digicert.Request
}

func requestSchema() schema.Schema {
	attributes := requestAttributes()
	attributes["request_id"] = base.IDAttribute("Id of the request.")
	return schema.Schema{
		MarkdownDescription: "Reads a DigiCert request: who asked for a certificate to be issued, revoked, duplicated or reissued, where the " +
			"approval stands, and a snapshot of the order.\n\n" +
			"The nested `order` is a snapshot that DigiCert does not keep up to date: an approved request can hold an order that still says " +
			"`needs_approval`. Requests other than `new_request` carry fewer fields; what the API leaves out is null.",
		Attributes: attributes,
	}
}

// requestAttributes describes digicert.Request without its id.
func requestAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	user := func(description string) schema.Attribute {
		return base.ObjectAttribute(description, map[string]schema.Attribute{
			"id":         base.NumberAttribute("Id of the user."),
			"first_name": base.TextAttribute("First name."),
			"last_name":  base.TextAttribute("Last name."),
			"email":      base.TextAttribute("E-mail address."),
		})
	}
	contact := func(description string) schema.Attribute {
		return base.ObjectAttribute(description, map[string]schema.Attribute{
			"first_name":          base.TextAttribute("First name."),
			"last_name":           base.TextAttribute("Last name."),
			"email":               base.TextAttribute("E-mail address."),
			"job_title":           base.TextAttribute("Job title."),
			"telephone":           base.TextAttribute("Telephone number."),
			"telephone_extension": base.TextAttribute("Extension of the telephone number."),
		})
	}
	return map[string]schema.Attribute{
		"date":              base.TextAttribute("When the request was submitted" + timestamp + "."),
		"type":              base.TextAttribute("Kind of request: `new_request`, `revoke`, `duplicate` or `reissue`."),
		"status":            base.TextAttribute("Status of the request: `submitted`, `pending`, `approved` or `rejected`."),
		"date_processed":    base.TextAttribute("When the request was processed" + timestamp + ". Null while pending."),
		"requester":         user("Who submitted the request."),
		"reviewer":          user("Who reviewed the request. Null while pending."),
		"processor":         user("Who processed the request. Null while pending."),
		"processor_comment": base.TextAttribute("Comment of who processed the request."),
		"comments":          base.TextAttribute("Message that came with the request."),
		"order": base.ObjectAttribute("Snapshot of the order that the request belongs to.", map[string]schema.Attribute{
			"id": base.NumberAttribute("Id of the order."),
			"certificate": base.ObjectAttribute("The certificate asked for. Can be null for requests other than `new_request`.",
				map[string]schema.Attribute{
					"common_name":  base.TextAttribute("Common name."),
					"dns_names":    base.TextListAttribute("Names on the certificate (SANs)."),
					"emails":       base.TextListAttribute("E-mail addresses on the certificate, for client certificates."),
					"date_created": base.TextAttribute("When the certificate was asked for" + timestamp + "."),
					"csr":          base.TextAttribute("Certificate signing request (PEM)."),
					"organization": base.ObjectAttribute("Organization on the certificate.", map[string]schema.Attribute{
						"id":      base.NumberAttribute("Id of the organization."),
						"name":    base.TextAttribute("Legal name."),
						"city":    base.TextAttribute("City."),
						"state":   base.TextAttribute("State or province."),
						"country": base.TextAttribute("Country (ISO 3166 code)."),
					}),
					"organization_units": base.TextListAttribute("Organizational units on the certificate."),
					"server_platform": base.ObjectAttribute("Server software the certificate is meant for.", map[string]schema.Attribute{
						"id":          base.NumberAttribute("Id of the server software; `-1` for any other."),
						"name":        base.TextAttribute("Name of the server software."),
						"install_url": base.TextAttribute("Address of the installation instructions."),
						"csr_url":     base.TextAttribute("Address of the instructions for making a CSR."),
					}),
					"signature_hash": base.TextAttribute("Hash of the signature, such as `sha256`."),
					"key_size":       base.NumberAttribute("Size of the key in bits."),
					"ca_cert": base.ObjectAttribute("Certificate of the issuing certificate authority.", map[string]schema.Attribute{
						"id":   base.TextAttribute("Id of the certificate; opaque text."),
						"name": base.TextAttribute("Name of the certificate."),
					}),
				}),
			"status":                      base.TextAttribute("Status of the order when the snapshot was taken."),
			"is_renewal":                  base.BoolAttribute("Whether the order renews another."),
			"renewal_of_order_valid_till": base.TextAttribute("Until when the renewed order is valid (`YYYY-MM-DD`)."),
			"date_created":                base.TextAttribute("When the order was placed" + timestamp + "."),
			"organization": base.ObjectAttribute("Organization of the order.", map[string]schema.Attribute{
				"id":           base.NumberAttribute("Id of the organization."),
				"name":         base.TextAttribute("Legal name."),
				"assumed_name": base.TextAttribute("Assumed name."),
				"display_name": base.TextAttribute("Name as DigiCert shows it."),
				"city":         base.TextAttribute("City."),
				"state":        base.TextAttribute("State or province."),
				"country":      base.TextAttribute("Country (ISO 3166 code)."),
			}),
			"validity_years": base.NumberAttribute("Validity of the order in years."),
			"order_validity": base.ObjectAttribute("Validity of the order; one of its members is set.", map[string]schema.Attribute{
				"years":                  base.NumberAttribute("Years."),
				"days":                   base.NumberAttribute("Days."),
				"custom_expiration_date": base.TextAttribute("Date on which the order ends, as the API gives it."),
			}),
			"disable_renewal_notifications": base.BoolAttribute("Whether renewal notifications are switched off."),
			"auto_renew":                    base.NumberAttribute("How many times the order renews by itself."),
			"container":                     containerAttribute("Container (division) of the order."),
			"product":                       productAttribute(),
			"organization_contact":          contact("Contact of the organization."),
			"technical_contact":             contact("Technical contact."),
			"user":                          user("User who placed the order."),
			"requests": base.ObjectListAttribute("Requests on the order, in the API's order.", map[string]schema.Attribute{
				"id":       base.NumberAttribute("Id of the request."),
				"date":     base.TextAttribute("When the request was submitted" + timestamp + "."),
				"type":     base.TextAttribute("Kind of request."),
				"status":   base.TextAttribute("Status of the request when the snapshot was taken."),
				"comments": base.TextAttribute("Message that came with the request."),
			}),
			"unsubmitted_domains": base.TextListAttribute("Domains of the order that were not submitted for validation or not yet added to " +
				"the account."),
			"additional_emails":      base.TextListAttribute("Further addresses that get messages about the order."),
			"price":                  base.DecimalAttribute("Price of the order, in the currency of the account."),
			"is_out_of_contract":     base.BoolAttribute("Whether the order lies outside the account's contract."),
			"payment_method":         base.TextAttribute("How the order is paid, such as `balance`."),
			"product_name_id":        base.TextAttribute("Identifier of the product, such as `ssl_plus`."),
			"disable_issuance_email": base.BoolAttribute("Whether the message that the certificate was issued is switched off."),
			"disable_ct":             base.BoolAttribute("Whether the certificate is kept out of the public logs of Certificate Transparency."),
			"cs_provisioning_method": base.TextAttribute("How a code signing certificate is delivered."),
			"ship_info": base.ObjectAttribute("Where a hardware token is sent.", map[string]schema.Attribute{
				"name":    base.TextAttribute("Name of the recipient."),
				"addr1":   base.TextAttribute("First line of the address."),
				"addr2":   base.TextAttribute("Second line of the address."),
				"city":    base.TextAttribute("City."),
				"state":   base.TextAttribute("State or province."),
				"zip":     base.TextAttribute("Postal code."),
				"country": base.TextAttribute("Country (ISO 3166 code)."),
				"method":  base.TextAttribute("Shipping method."),
			}),
		}),
	}
}

// containerAttribute describes digicert.Container.
func containerAttribute(description string) schema.Attribute {
	return base.ObjectAttribute(description, map[string]schema.Attribute{
		"id":        base.NumberAttribute("Id of the container."),
		"name":      base.TextAttribute("Name of the container."),
		"is_active": base.BoolAttribute("Whether the container is active."),
	})
}

// productAttribute describes digicert.Product.
func productAttribute() schema.Attribute {
	return base.ObjectAttribute("Product that was ordered.", map[string]schema.Attribute{
		"name_id":                base.TextAttribute("Identifier of the product, such as `ssl_plus`."),
		"name":                   base.TextAttribute("Name of the product."),
		"type":                   base.TextAttribute("Type of the product, such as `ssl_certificate`."),
		"validation_type":        base.TextAttribute("Identifier of the validation type, such as `ov`."),
		"validation_name":        base.TextAttribute("Short name of the validation type."),
		"validation_description": base.TextAttribute("Description of the validation type."),
	})
}

func readRequest(ctx context.Context, c *digicert.Client, model *requestModel) diag.Diagnostics {
	id := model.RequestID.ValueInt64()
	request, err := c.Request(ctx, id)
	if err != nil {
		return diag.Diagnostics{base.ReadError(requestTarget(id), err)}
	}
	model.Request = *request
	return nil
}

func requestTarget(id int64) base.Target {
	return base.Target{Service: Vendor{}, Noun: "DigiCert Request", What: "request", ID: strconv.FormatInt(id, 10), Attribute: "request_id"}
}
