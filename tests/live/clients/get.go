// SPDX-License-Identifier: BSD-3-Clause
package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"os"
)

func main() {
	config := &tls.Config{InsecureSkipVerify: true}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport}
	response, err := client.Get(os.Args[1])
	if err != nil {
		panic(err)
	}
	io.Copy(os.Stdout, response.Body)
}
