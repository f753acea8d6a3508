// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import "testing"

func TestLogsAreRead(t *testing.T) {
	for name, test := range map[string]struct {
		environment []string
		want        bool
	}{
		"nothing set":          {nil, false},
		"something else":       {[]string{"TF_IN_AUTOMATION=1", "PATH=/usr/bin"}, false},
		"for all":              {[]string{"TF_LOG=warn"}, true},
		"for providers":        {[]string{"TF_LOG_PROVIDER=TRACE"}, true},
		"for this provider":    {[]string{"A=b", "TF_LOG_PROVIDER_CERTOPS=DEBUG"}, true},
		"for the framework":    {[]string{"TF_LOG_SDK_FRAMEWORK=TRACE"}, true},
		"set but empty":        {[]string{"TF_LOG="}, false},
		"a value that says so": {[]string{"MESSAGE=TF_LOG=TRACE"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := logsAreRead(test.environment); got != test.want {
				t.Errorf("logsAreRead(%q) = %t, want %t", test.environment, got, test.want)
			}
		})
	}
}
