// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/digicert"
)

// newDigicertRequestDataSource reads GET /request/{request_id}.
// Source: https://dev.digicert.com/en/certcentral-apis/services-api/requests/request-info.html
func newDigicertRequestDataSource(typeName string) func() datasource.DataSource {
	return vendorSource(typeName, digicertService{}, digicertRequestSchema, readDigicertRequest)
}

type digicertRequestModel struct {
	RequestID types.Int64 `tfsdk:"request_id"`
	digicert.Request
}

func digicertRequestSchema() schema.Schema {
	attributes := digicertRequestAttributes()
	attributes["request_id"] = schema.Int64Attribute{
		Required:            true,
		MarkdownDescription: "Id of the request.",
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
	return schema.Schema{
		MarkdownDescription: "Reads a DigiCert request: who asked for a certificate to be issued, revoked, duplicated or reissued, where the approval stands, and a snapshot of the order.\n\n" +
			"The nested `order` is a snapshot that DigiCert does not keep up to date: an approved request can hold an order that still says `needs_approval`. " +
			"Requests other than `new_request` carry fewer fields; what the API leaves out is null.",
		Attributes: attributes,
	}
}

// digicertRequestAttributes describes digicert.Request without its id.
func digicertRequestAttributes() map[string]schema.Attribute {
	const timestamp = " (ISO 8601 timestamp, UTC)"
	user := func(description string) schema.Attribute {
		return objectAttribute(description, map[string]schema.Attribute{
			"id":         numberAttribute("Id of the user."),
			"first_name": textAttribute("First name."),
			"last_name":  textAttribute("Last name."),
			"email":      textAttribute("E-mail address."),
		})
	}
	contact := func(description string) schema.Attribute {
		return objectAttribute(description, map[string]schema.Attribute{
			"first_name":          textAttribute("First name."),
			"last_name":           textAttribute("Last name."),
			"email":               textAttribute("E-mail address."),
			"job_title":           textAttribute("Job title."),
			"telephone":           textAttribute("Telephone number."),
			"telephone_extension": textAttribute("Extension of the telephone number."),
		})
	}
	return map[string]schema.Attribute{
		"date":              textAttribute("When the request was submitted" + timestamp + "."),
		"type":              textAttribute("Kind of request: `new_request`, `revoke`, `duplicate` or `reissue`."),
		"status":            textAttribute("Status of the request: `submitted`, `pending`, `approved` or `rejected`."),
		"date_processed":    textAttribute("When the request was processed" + timestamp + ". Null while pending."),
		"requester":         user("Who submitted the request."),
		"reviewer":          user("Who reviewed the request. Null while pending."),
		"processor":         user("Who processed the request. Null while pending."),
		"processor_comment": textAttribute("Comment of who processed the request."),
		"comments":          textAttribute("Message that came with the request."),
		"order": objectAttribute("Snapshot of the order that the request belongs to.", map[string]schema.Attribute{
			"id": numberAttribute("Id of the order."),
			"certificate": objectAttribute("The certificate asked for. Can be null for requests other than `new_request`.", map[string]schema.Attribute{
				"common_name":  textAttribute("Common name."),
				"dns_names":    textListAttribute("Names on the certificate (SANs)."),
				"emails":       textListAttribute("E-mail addresses on the certificate, for client certificates."),
				"date_created": textAttribute("When the certificate was asked for" + timestamp + "."),
				"csr":          textAttribute("Certificate signing request (PEM)."),
				"organization": objectAttribute("Organization on the certificate.", map[string]schema.Attribute{
					"id": numberAttribute("Id of the organization."),
				}),
				"organization_units": textListAttribute("Organizational units on the certificate."),
				"server_platform": objectAttribute("Server software the certificate is meant for.", map[string]schema.Attribute{
					"id":          numberAttribute("Id of the server software; `-1` for any other."),
					"name":        textAttribute("Name of the server software."),
					"install_url": textAttribute("Address of the installation instructions."),
					"csr_url":     textAttribute("Address of the instructions for making a CSR."),
				}),
				"signature_hash": textAttribute("Hash of the signature, such as `sha256`."),
				"key_size":       numberAttribute("Size of the key in bits."),
				"ca_cert": objectAttribute("Certificate of the issuing certificate authority.", map[string]schema.Attribute{
					"id":   textAttribute("Id of the certificate; opaque text."),
					"name": textAttribute("Name of the certificate."),
				}),
			}),
			"status":                      textAttribute("Status of the order when the snapshot was taken."),
			"is_renewal":                  boolAttribute("Whether the order renews another."),
			"renewal_of_order_valid_till": textAttribute("Until when the renewed order is valid (`YYYY-MM-DD`)."),
			"date_created":                textAttribute("When the order was placed" + timestamp + "."),
			"organization": objectAttribute("Organization of the order.", map[string]schema.Attribute{
				"id":           numberAttribute("Id of the organization."),
				"name":         textAttribute("Legal name."),
				"assumed_name": textAttribute("Assumed name."),
				"display_name": textAttribute("Name as DigiCert shows it."),
				"city":         textAttribute("City."),
				"state":        textAttribute("State or province."),
				"country":      textAttribute("Country (ISO 3166 code)."),
			}),
			"validity_years": numberAttribute("Validity of the order in years."),
			"order_validity": objectAttribute("Validity of the order; one of its members is set.", map[string]schema.Attribute{
				"years":                  numberAttribute("Years."),
				"days":                   numberAttribute("Days."),
				"custom_expiration_date": textAttribute("Date on which the order ends, as the API gives it."),
			}),
			"disable_renewal_notifications": boolAttribute("Whether renewal notifications are switched off."),
			"auto_renew":                    boolAttribute("Whether the order renews by itself."),
			"container":                     digicertContainerAttribute(),
			"product":                       digicertProductAttribute(),
			"organization_contact":          contact("Contact of the organization."),
			"technical_contact":             contact("Technical contact."),
			"user":                          user("User who placed the order."),
			"requests": objectListAttribute("Requests on the order, in the API's order.", map[string]schema.Attribute{
				"id":       numberAttribute("Id of the request."),
				"date":     textAttribute("When the request was submitted" + timestamp + "."),
				"type":     textAttribute("Kind of request."),
				"status":   textAttribute("Status of the request when the snapshot was taken."),
				"comments": textAttribute("Message that came with the request."),
			}),
			"unsubmitted_domains":    textListAttribute("Domains of the order that were not submitted for validation or not yet added to the account."),
			"additional_emails":      textListAttribute("Further addresses that get messages about the order."),
			"price":                  schema.NumberAttribute{Computed: true, MarkdownDescription: "Price of the order, in the currency of the account."},
			"is_out_of_contract":     boolAttribute("Whether the order lies outside the account's contract."),
			"payment_method":         textAttribute("How the order is paid, such as `balance`."),
			"product_name_id":        textAttribute("Identifier of the product, such as `ssl_plus`."),
			"disable_issuance_email": boolAttribute("Whether the message that the certificate was issued is switched off."),
			"cs_provisioning_method": textAttribute("How a code signing certificate is delivered."),
			"ship_info": objectAttribute("Where a hardware token is sent.", map[string]schema.Attribute{
				"name":    textAttribute("Name of the recipient."),
				"addr1":   textAttribute("First line of the address."),
				"addr2":   textAttribute("Second line of the address."),
				"city":    textAttribute("City."),
				"state":   textAttribute("State or province."),
				"zip":     textAttribute("Postal code."),
				"country": textAttribute("Country (ISO 3166 code)."),
				"method":  textAttribute("Shipping method."),
			}),
		}),
	}
}

// digicertContainerAttribute describes digicert.Container.
func digicertContainerAttribute() schema.Attribute {
	return objectAttribute("Container (division) of the order.", map[string]schema.Attribute{
		"id":        numberAttribute("Id of the container."),
		"name":      textAttribute("Name of the container."),
		"is_active": boolAttribute("Whether the container is active."),
	})
}

// digicertProductAttribute describes digicert.Product.
func digicertProductAttribute() schema.Attribute {
	return objectAttribute("Product that was ordered.", map[string]schema.Attribute{
		"name_id":                textAttribute("Identifier of the product, such as `ssl_plus`."),
		"name":                   textAttribute("Name of the product."),
		"type":                   textAttribute("Type of the product, such as `ssl_certificate`."),
		"validation_type":        textAttribute("Identifier of the validation type, such as `ov`."),
		"validation_name":        textAttribute("Short name of the validation type."),
		"validation_description": textAttribute("Description of the validation type."),
	})
}

func readDigicertRequest(ctx context.Context, c *digicert.Client, model *digicertRequestModel) diag.Diagnostics {
	id := model.RequestID.ValueInt64()
	request, err := c.Request(ctx, id)
	if err != nil {
		return diag.Diagnostics{readError(digicertRequestTarget(digicertService{}, id), err)}
	}
	model.Request = *request
	return nil
}

func digicertRequestTarget(s service, id int64) target {
	return target{service: s, noun: "DigiCert Request", what: "request", id: strconv.FormatInt(id, 10), attribute: "request_id"}
}
