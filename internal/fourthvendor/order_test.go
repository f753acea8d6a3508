// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package fourthvendor

import (
	"context"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// readOrder reads an order in words that are the same for every vendor.
func readOrder(ctx context.Context, c *apiClient, id string) (dcv.Order, error) {
	o, err := c.order(ctx, id)
	if err != nil {
		return dcv.Order{}, err
	}
	return o.order()
}

// listOrders lists the account's orders. The list tells everything of them.
func listOrders(ctx context.Context, c *apiClient) ([]dcv.Listed, error) {
	orders, err := c.search(ctx, "")
	var listed []dcv.Listed
	for i := range orders {
		listed = append(listed, dcv.Listed{ID: orders[i].ID.String(),
			Read: func(context.Context) (dcv.Order, error) { return orders[i].order() }})
	}
	return listed, err
}

func (o *order) order() (dcv.Order, error) {
	if len(o.Names) == 0 {
		return dcv.Order{}, dcv.ErrNoValidations
	}
	result := dcv.Order{Issued: o.State.String() == "ISSUED"}
	if o.State.String() == "DENIED" {
		result.Ended = "the order was denied"
	}
	statuses := map[string]dcv.Status{"AWAITING_DNS": dcv.StatusPending, "VERIFIED": dcv.StatusValidated, "DENIED": dcv.StatusFailed}
	for _, n := range o.Names {
		challenge := dcv.Challenge{Domain: n.Name.String(), Status: statuses[n.State.String()], Channel: dcv.ChannelDNS}
		if n.Record != nil {
			challenge.Publish = &dcv.Publication{Type: "CNAME", Name: n.Record.Owner.String(), Value: n.Record.Target.String()}
		}
		result.Challenges = append(result.Challenges, challenge)
	}
	return result, nil
}
