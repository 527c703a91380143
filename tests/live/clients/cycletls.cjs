// SPDX-License-Identifier: BSD-3-Clause
// cycletls.cjs PACKAGE URL
const loaded = require(process.argv[2]);
(loaded.default ?? loaded)().then(async cycle => {
    const response = await cycle(process.argv[3], {insecureSkipVerify: true}, "get");
    console.log(response.body ?? response.data ?? await response.text());
    await cycle.exit();
    process.exit(0);
});
