// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
)

// Bounds of what a document may consist of. Two bytes of JSON, and less once they are compressed, can become an
// object with a dozen attributes in Terraform, so that the size of a document alone bounds neither the memory nor
// the time that it takes. The largest documents of the APIs are pages of 1000 orders with up to 250 names each:
// some 7000 objects and 300,000 values.
const (
	maxValues  = 500_000
	maxObjects = 20_000 // nulls that are elements of an array included, which become objects too
	maxMembers = 5_000  // in any one object or array: no page and no certificate's names come near it
)

// tooMany says which bound a valid JSON document exceeds, "" for none. It reads the document once and keeps nothing
// but a number for each open object and array.
func tooMany(document []byte) string {
	type container struct {
		members int
		array   bool
	}
	var open []container
	values, objects := 1, 0
	for i := 0; i < len(document); i++ {
		switch document[i] {
		case '"':
			i = stringEnd(document, i+1)
		case '{', '[':
			array := document[i] == '['
			if !array {
				objects++
			}
			members := 0
			if next := skipSpace(document, i+1); next < len(document) && document[next] != '}' && document[next] != ']' {
				members, values = 1, values+1
			}
			open = append(open, container{members, array})
		case '}', ']':
			open = open[:max(len(open)-1, 0)]
		case ',':
			values++
			if len(open) > 0 {
				open[len(open)-1].members++
				if open[len(open)-1].members > maxMembers {
					return fmt.Sprintf("it holds an object or array of more than %d values", maxMembers)
				}
			}
		case 'n':
			if len(open) > 0 && open[len(open)-1].array {
				objects++
			}
		}
		switch {
		case values > maxValues:
			return fmt.Sprintf("it holds more than %d values", maxValues)
		case objects > maxObjects:
			return fmt.Sprintf("it holds more than %d objects", maxObjects)
		}
	}
	return ""
}

// stringEnd returns where the string ends whose text begins at i: the index of its closing mark.
func stringEnd(document []byte, i int) int {
	for ; i < len(document); i++ {
		switch document[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return i
}

// skipSpace returns the index of the first byte from i on that is not white space.
func skipSpace(document []byte, i int) int {
	for i < len(document) && (document[i] == ' ' || document[i] == '\t' || document[i] == '\n' || document[i] == '\r') {
		i++
	}
	return i
}
