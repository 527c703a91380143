-- SPDX-License-Identifier: BSD-3-Clause
-- The tables of a census, version 2.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value
) WITHOUT ROWID;

-- What a hello is but for the order of its extensions.
CREATE TABLE client (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    ja4 TEXT NOT NULL,
    ja4_bc TEXT NOT NULL,
    ja4_r TEXT,
    stable TEXT,
    stable_r TEXT,
    ja3n TEXT,
    ja3n_r TEXT
);

-- A whole hello: all kinds of fingerprints.
CREATE TABLE hello (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    client INTEGER NOT NULL REFERENCES client,
    ja3 TEXT,
    ja3_r TEXT,
    ja4_o TEXT,
    ja4_ro TEXT
);

-- IPv4 whole, IPv6 as its /64, or a pseudonym. 0 is: forgotten.
CREATE TABLE address (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
INSERT INTO address VALUES (0, '');

-- 0 is: no name was asked for.
CREATE TABLE server (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO server VALUES (0, '');

-- User-Agents. 0 is: none was sent.
CREATE TABLE agent (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
INSERT INTO agent VALUES (0, '');

-- Where hellos came from. uid: of a file that does not grow the SHA-256 of its content; of a stream
-- or NDJSON the SHA-256 of its first line; of a stream without a name random. The first length bytes
-- are added, and have this SHA-256.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('capture', 'ndjson', 'stream', 'interface')),
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    length INTEGER NOT NULL DEFAULT 0,
    digest TEXT NOT NULL DEFAULT '',
    hellos INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL
);
CREATE INDEX source_uid ON source (uid);

-- Lengths at which a source that grows was added before.
CREATE TABLE mark (
    source INTEGER NOT NULL REFERENCES source,
    length INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (source, length)
) WITHOUT ROWID;

-- Connections. day: since 1970 in UTC; first and last: nanoseconds since then.
CREATE TABLE sighting (
    source INTEGER NOT NULL REFERENCES source,
    day INTEGER NOT NULL,
    hello INTEGER NOT NULL REFERENCES hello,
    address INTEGER NOT NULL REFERENCES address,
    server INTEGER NOT NULL REFERENCES server,
    n INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (source, day, hello, address, server)
) WITHOUT ROWID;

-- HTTP requests: what the clients say they are.
CREATE TABLE claim (
    source INTEGER NOT NULL REFERENCES source,
    day INTEGER NOT NULL,
    hello INTEGER NOT NULL REFERENCES hello,
    address INTEGER NOT NULL REFERENCES address,
    agent INTEGER NOT NULL REFERENCES agent,
    n INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (source, day, hello, address, agent)
) WITHOUT ROWID;

-- For people and their own queries.
CREATE VIEW sightings AS
SELECT date(day * 86400, 'unixepoch') AS day, ja4, ja4_bc, stable, ja3, ja3n, ja4_o,
       CASE substr(ja4, 1, 1) WHEN 'q' THEN 'quic' WHEN 'd' THEN 'dtls' ELSE 'tls' END AS transport,
       address.text AS address, server.name AS server, n,
       strftime('%Y-%m-%dT%H:%M:%SZ', first / 1000000000, 'unixepoch') AS first,
       strftime('%Y-%m-%dT%H:%M:%SZ', last / 1000000000, 'unixepoch') AS last,
       source.name AS source
FROM sighting JOIN hello ON hello.id = hello JOIN client ON client.id = client
JOIN address ON address.id = address JOIN server ON server.id = server
JOIN source ON source.id = source;
