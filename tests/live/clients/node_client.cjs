// SPDX-License-Identifier: BSD-3-Clause
// Clients that are packages of Node.js: node_client.cjs NAME PACKAGE URL
const [name, folder, url] = process.argv.slice(2);
const {hostname: host, port} = new URL(url);
const tls = {rejectUnauthorized: false};
const agent = new (require("https").Agent)(tls);
const cjs = () => require(folder);
const either = async () => {
    try { return cjs(); } catch (error) {
        const {exports, main} = require(folder + "/package.json");
        const found = typeof exports === "string" ? exports : exports?.["."]?.import ?? exports?.["."]?.default ?? exports?.default ?? exports?.import ?? main;
        return import(folder + "/" + (found?.default ?? found));
    }
};

const ASK = {
    "axios": async () => (await (cjs().default ?? cjs()).get(url, {httpsAgent: agent, responseType: "text", transformResponse: x => x})).data,
    "got": async () => { const loaded = await either(); return (await (loaded.got ?? loaded.default ?? loaded)(url, {https: tls, rejectUnauthorized: false})).body; },
    "node-fetch": async () => { const loaded = await either(); return (await (loaded.default ?? loaded)(url, {agent})).text(); },
    "undici": async () => (await cjs().request(url, {dispatcher: new (cjs().Agent)({connect: tls})})).body.text(),
    "superagent": async () => JSON.stringify((await cjs().get(url).agent(agent)).body),
    "needle": async () => JSON.stringify((await cjs()("get", url, tls)).body),
    "request": () => new Promise(done => cjs()({url, strictSSL: false}, (error, response, body) => done(error ?? body))),
    "urllib": async () => (await cjs().request(url, {rejectUnauthorized: false, dataType: "text"})).data,
    "phin": async () => (await cjs()({url, core: tls})).body.toString(),
    "simple-get": () => new Promise(done => cjs().concat({url, ...tls}, (error, response, data) => done(String(error ?? data)))),
    "make-fetch-happen": async () => (await cjs()(url, {strictSSL: false})).text(),
    "http2-wrapper": () => new Promise(done => cjs().get(url, tls, response => { response.setEncoding("utf8"); response.on("data", done); })),
    "ws": () => new Promise(done => new (cjs())(url.replace("https", "wss"), tls).on("error", done)),
    "nodemailer": () => cjs().createTransport({host, port, secure: true, tls}).verify(),
    "imapflow": () => new (cjs().ImapFlow)({host, port: Number(port), secure: true, auth: {user: "x", pass: "y"}, tls, logger: false}).connect(),
    "basic-ftp": () => new (cjs().Client)(4000).access({host, port: Number(port), secure: "implicit", secureOptions: tls}),
    "pg": () => new (cjs().Client)({host, port, user: "x", ssl: tls}).connect(),
    "mysql2": () => new Promise(done => cjs().createConnection({host, port, user: "x", ssl: tls}).connect(done)),
    "ioredis": () => new (cjs())({host, port, tls, lazyConnect: true, maxRetriesPerRequest: 0}).connect(),
    "redis": () => cjs().createClient({url: `rediss://${host}:${port}`, socket: {tls: true, ...tls, reconnectStrategy: false}}).on("error", String).connect(),
    "mqtt": () => new Promise(done => cjs().connect(`mqtts://${host}:${port}`, tls).on("error", done).on("close", done)),
    "amqplib": () => cjs().connect(`amqps://${host}:${port}`, tls),
    "ldapts": () => new (cjs().Client)({url: `ldaps://${host}:${port}`, tlsOptions: tls, timeout: 3000}).bind("cn=x", "y"),
    "mongodb": () => new (cjs().MongoClient)(`mongodb://${host}:${port}/?tls=true&tlsInsecure=true&serverSelectionTimeoutMS=2000`).connect(),
    "kafkajs": () => new (cjs().Kafka)({brokers: [`${host}:${port}`], ssl: tls, retry: {retries: 0}, logLevel: 0}).admin().connect(),
    "socket.io-client": () => new Promise(done => cjs()(url, {...tls, transports: ["websocket"], reconnection: false}).on("connect_error", done)),
    "@grpc/grpc-js": () => new Promise(done => {
        const {Client, credentials} = cjs();
        new Client(`${host}:${port}`, credentials.createSsl(null, null, null, tls)).waitForReady(Date.now() + 3000, done);
    }),
    "autocannon": () => cjs()({url, connections: 1, amount: 1, tlsOptions: tls}),
    "bent": async () => cjs()("string")(url),
    "imap": () => new Promise(done => new (cjs())({user: "x", password: "y", host, port, tls: true, tlsOptions: tls}).on("error", done).connect()),
};

setTimeout(() => process.exit(1), 6000);
process.on("uncaughtException", error => { console.log(String(error)); process.exit(1); });
Promise.resolve(ASK[name]()).then(text => console.log(typeof text === "string" ? text : ""), error => console.log(String(error)))
    .finally(() => setTimeout(() => process.exit(0), 100));
