// SPDX-License-Identifier: BSD-3-Clause

// A TLS server of Go. Usage: server PORT CERT KEY
package main

import (
	"crypto/tls"
	"log"
	"net"
	"os"
	"time"
)

func serve(client net.Conn) {
	defer client.Close()
	_ = client.SetDeadline(time.Now().Add(2 * time.Second))
	_ = client.(*tls.Conn).Handshake()
}

func main() {
	cert, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10}
	listener, err := tls.Listen("tcp", "127.0.0.1:"+os.Args[1], config)
	if err != nil {
		log.Fatal(err)
	}
	for {
		client, err := listener.Accept()
		if err == nil {
			go serve(client)
		}
	}
}
