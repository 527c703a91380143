// SPDX-License-Identifier: BSD-3-Clause
// aws_crt.js PACKAGE URL
const {io, http} = require(process.argv[2]);
const url = new URL(process.argv[3]);
const options = new io.TlsContextOptions();
options.verify_peer = false;
const tls = new io.TlsConnectionOptions(new io.ClientTlsContext(options), url.hostname);
const sockets = new io.SocketOptions();
const connection = new http.HttpClientConnection(new io.ClientBootstrap(), url.hostname, Number(url.port), sockets, tls);
connection.on("error", error => { console.log(String(error)); process.exit(1); });
connection.on("connect", () => {
    const headers = new http.HttpHeaders([["host", url.host], ["user-agent", "aws-crt"]]);
    const stream = connection.request(new http.HttpRequest("GET", url.pathname, headers));
    stream.on("data", data => process.stdout.write(Buffer.from(data)));
    stream.on("end", () => process.exit(0));
    stream.activate();
});
