// SPDX-License-Identifier: BSD-3-Clause
const url = new URL(process.argv[2]);
const session = require("http2").connect(url.origin, {rejectUnauthorized: false});
const request = session.request({":path": url.pathname});
request.on("close", () => session.close()).pipe(process.stdout);
