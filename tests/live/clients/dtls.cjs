// SPDX-License-Identifier: BSD-3-Clause
// dtls.cjs PACKAGE PORT: node-dtls-client, with a key that both sides would share.
const {dtls} = require(process.argv[2]);
const socket = dtls.createSocket({type: "udp4", address: "127.0.0.1", port: Number(process.argv[3]), psk: {x: "y"}});
socket.on("error", error => console.log(String(error)));
