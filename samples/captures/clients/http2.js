// SPDX-License-Identifier: BSD-3-Clause
const options = {rejectUnauthorized: false, family: 4};
const session = require("http2").connect("https://localhost", options);
session.request({":path": "/"}).on("close", () => session.close()).end();
