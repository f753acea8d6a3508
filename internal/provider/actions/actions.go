// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package actions holds the provider's actions, for Terraform 1.14 and newer. Terraform invokes an action when a resource's
// lifecycle triggers it, or by hand with terraform apply -invoke. An action has no state: it reports its progress, and fails or not.
package actions

import "github.com/hashicorp/terraform-plugin-framework/action"

// All returns the constructors of all actions.
func All() []func() action.Action {
	return []func() action.Action{newDNSCheck}
}
