// SPDX-License-Identifier: BSD-3-Clause
// A TLS server of Node.js. Usage: node.js PORT CERT KEY
'use strict';
const fs = require('fs');
const tls = require('tls');

const [port, cert, key] = process.argv.slice(2);
const server = tls.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, (client) => {
  client.on('error', () => {});
});
server.on('tlsClientError', () => {});
server.listen(Number(port), '127.0.0.1');
