// SPDX-License-Identifier: BSD-3-Clause
package main

import (
	"crypto/tls"
	"net/http"
)

func main() {
	config := &tls.Config{InsecureSkipVerify: true}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport}
	if _, err := client.Get("https://localhost/"); err != nil {
		panic(err)
	}
}
