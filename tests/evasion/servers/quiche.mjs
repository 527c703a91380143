// SPDX-License-Identifier: BSD-3-Clause
// A QUIC server of quiche, as npm's @matrixai/quic has it. Usage: node quiche.mjs PORT CERT KEY FOLDER
import { createHmac, randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [port, cert, key, folder] = process.argv.slice(2);

const { QUICServer } = await import(`${folder}/node_modules/@matrixai/quic/dist/index.js`);
const ops = {
  sign: async (secret, data) => createHmac('sha256', Buffer.from(secret)).update(Buffer.from(data)).digest().buffer,
  verify: async (secret, data, tag) =>
    createHmac('sha256', Buffer.from(secret)).update(Buffer.from(data)).digest().equals(Buffer.from(tag)),
  randomBytes: async (data) => void randomFillSync(Buffer.from(data)),
};
const server = new QUICServer({
  crypto: { key: randomFillSync(new ArrayBuffer(32)), ops },
  config: {
    key: readFileSync(key, 'utf8'),
    cert: readFileSync(cert, 'utf8'),
    verifyPeer: false,
    applicationProtos: ['h3', 'h3-29'],
    maxIdleTimeout: 1000,
  },
});
await server.start({ host: '127.0.0.1', port: Number(port) });
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});
