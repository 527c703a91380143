// SPDX-License-Identifier: BSD-3-Clause
// Trusts what NODE_EXTRA_CA_CERTS names.
fetch(process.argv[2]).then(response => response.text()).then(text => console.log(text));
