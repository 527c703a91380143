// SPDX-License-Identifier: BSD-3-Clause
// deno run quic.js URL: connects by QUIC. Whether the server's certificate is accepted does not matter.
const url = new URL(Deno.args[0]);
try {
    const options = {hostname: url.hostname, port: Number(url.port), alpnProtocols: ["h3"]};
    (await Deno.connectQuic(options)).close();
} catch (error) {
    console.log(String(error));
}
Deno.exit(0);
