// SPDX-License-Identifier: BSD-3-Clause
// Runs in the oldest Node.js, too.
var options = require("url").parse(process.argv[2]);
options.rejectUnauthorized = false;
require("https").get(options, function (response) { response.pipe(process.stdout); });
