// SPDX-License-Identifier: BSD-3-Clause
// unbrotli.js FILE OUT
const fs = require("fs");
fs.createReadStream(process.argv[2])
    .pipe(require("zlib").createBrotliDecompress())
    .pipe(fs.createWriteStream(process.argv[3], {mode: 0o755}));
