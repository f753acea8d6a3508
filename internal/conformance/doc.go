// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package conformance runs the recipes of examples/recipes with the providers they are for. The test runs only with
// CERTOPS_CONFORMANCE=1 ("make conformance"), because the other providers are large and not everywhere to be had.
//
// A provider's binary comes from the first of these that has it:
//
//   - the folder that CERTOPS_TEST_PLUGIN_DIR names, laid out as Terraform's file-system mirrors are;
//   - the folders in which Terraform itself looks for mirrors;
//   - the registry, where that responds.
//
// Most recipes are also applied, against a stand-in for the API of their service: apply, an empty plan, new tokens, apply, an empty
// plan, destroy. A stand-in changes and refuses what the service changes and refuses, such as trailing dots and quotes.
//
// A recipe whose provider cannot be had is skipped, with the reason; the run ends by telling how many ran.
package conformance
