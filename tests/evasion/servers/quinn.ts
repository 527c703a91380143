// SPDX-License-Identifier: BSD-3-Clause
// A QUIC server of quinn, as Deno has it. Usage: deno run --unstable-net --allow-all quinn.ts PORT CERT KEY
const [port, cert, key] = Deno.args;
const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port: Number(port) });
const listener = endpoint.listen({
  cert: Deno.readTextFileSync(cert),
  key: Deno.readTextFileSync(key),
  alpnProtocols: ["h3", "h3-29"],
});
globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
for (;;) {
  try {
    const incoming = await listener.incoming();
    incoming.accept().catch(() => {});
  } catch {
    // what a client does wrong is its own affair
  }
}
