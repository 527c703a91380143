// SPDX-License-Identifier: BSD-3-Clause
const fs = require("fs");
const options = {key: fs.readFileSync("key.pem"), cert: fs.readFileSync("cert.pem")};
const server = require("http2").createSecureServer(options);
server.on("stream", stream => { stream.respond({":status": 204}); stream.end(); });
server.listen(443, "127.0.0.1");
