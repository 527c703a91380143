// SPDX-License-Identifier: BSD-3-Clause
// Node.js trusts what NODE_EXTRA_CA_CERTS names; Bun and Deno are told not to ask.
const url = globalThis.Deno ? Deno.args[0] : process.argv[2];
const options = globalThis.Bun ? {tls: {rejectUnauthorized: false}} : {};
fetch(url, options).then(response => response.text()).then(text => console.log(text));
