// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// coldStart is one start of the provider's process.
type coldStart struct {
	wall time.Duration // from starting the process until its whole schema is here
	cpu  time.Duration // of the process in that time and until it ends
}

// startCold starts the provider's binary as Terraform does, asks for the schemas and ends it.
//
// What is spoken is the handshake of go-plugin, one line on standard output that tells where the provider listens, and
// then gRPC, whose calls are POST requests over HTTP/2: the request is an empty message, the response the schemas.
func startCold(ctx context.Context, binary string) (coldStart, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	process := exec.CommandContext(ctx, binary)
	process.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		"PLUGIN_PROTOCOL_VERSIONS=6")
	output, err := process.StdoutPipe()
	if err != nil {
		return coldStart{}, err
	}
	began := time.Now()
	if err := process.Start(); err != nil {
		return coldStart{}, err
	}
	wall, err := askForSchemas(ctx, bufio.NewReader(output), began)
	if err != nil {
		err = errors.Join(err, process.Process.Kill())
	}
	if err := errors.Join(err, process.Wait()); err != nil {
		return coldStart{}, fmt.Errorf("start the provider: %w", err)
	}
	return coldStart{wall: wall, cpu: process.ProcessState.UserTime() + process.ProcessState.SystemTime()}, nil
}

// askForSchemas reads the handshake, calls GetProviderSchema and tells the provider to end. It returns how long after a
// moment the schemas were here.
func askForSchemas(ctx context.Context, output *bufio.Reader, since time.Time) (time.Duration, error) {
	line, err := output.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("read the handshake: %w", err)
	}
	// core protocol | plugin protocol | network | address | "grpc" | …
	handshake := strings.Split(strings.TrimSpace(line), "|")
	if len(handshake) < 5 || handshake[1] != "6" || handshake[4] != "grpc" {
		return 0, fmt.Errorf("unexpected handshake %q", line)
	}
	transport := &http.Transport{
		Protocols: new(http.Protocols),
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, handshake[2], handshake[3])
		},
	}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()

	schemas, err := call(ctx, transport, "tfplugin6.Provider/GetProviderSchema")
	if err != nil {
		return 0, err
	}
	took := time.Since(since)
	if !bytes.Contains(schemas, []byte("certops_process_info")) {
		return 0, errors.New("the schemas lack certops_process_info")
	}
	// The provider breaks the connection off rather than response. That it did as told shows when its process ends.
	_, _ = call(ctx, transport, "plugin.GRPCController/Shutdown")
	return took, nil
}

// call calls a gRPC method with an empty message and returns the message it responds, in its frame.
func call(ctx context.Context, transport *http.Transport, method string) ([]byte, error) {
	emptyMessage := make([]byte, 5) // not compressed, 0 bytes long
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://provider/"+method, bytes.NewReader(emptyMessage))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("TE", "trailers")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	response, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if status := resp.Trailer.Get("Grpc-Status"); status != "0" {
		return nil, fmt.Errorf("%s ended with gRPC status %q: %s", method, status, resp.Trailer.Get("Grpc-Message"))
	}
	return response, nil
}
