-- SPDX-License-Identifier: BSD-3-Clause
-- Censuses of tlsfp-census in PostgreSQL, from version 12 on: tables, and its questions as views. census-load beside this
-- file fills them. Each of several censuses, of one sensor each for example, has its own rows in source, sighting and claim.

CREATE SCHEMA IF NOT EXISTS tlsfp_census;
SET search_path TO tlsfp_census;

-- What a hello is but for the order of its extensions.
CREATE TABLE IF NOT EXISTS client (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    ja4 TEXT NOT NULL,
    ja4_bc TEXT NOT NULL,
    ja4_r TEXT,
    stable TEXT,
    stable_r TEXT,
    ja3n TEXT,
    ja3n_r TEXT
);
CREATE INDEX IF NOT EXISTS client_ja4 ON client (ja4 text_pattern_ops);

-- A whole hello: all kinds of fingerprints.
CREATE TABLE IF NOT EXISTS hello (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    client BIGINT NOT NULL REFERENCES client,
    ja3 TEXT,
    ja3_r TEXT,
    ja4_o TEXT,
    ja4_ro TEXT
);

CREATE TABLE IF NOT EXISTS address (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS server (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS agent (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT NOT NULL UNIQUE);

CREATE TABLE IF NOT EXISTS source (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    census TEXT NOT NULL, -- the name under which its census was loaded
    kind TEXT NOT NULL,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    length BIGINT NOT NULL,
    digest TEXT NOT NULL,
    hellos BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS source_uid ON source (uid);

-- Connections. Addresses that were forgotten are the empty text, as is a server name that nobody asked for.
CREATE TABLE IF NOT EXISTS sighting (
    source BIGINT NOT NULL REFERENCES source ON DELETE CASCADE,
    day DATE NOT NULL,
    hello BIGINT NOT NULL REFERENCES hello,
    address BIGINT NOT NULL REFERENCES address,
    server BIGINT NOT NULL REFERENCES server,
    n BIGINT NOT NULL,
    first TIMESTAMPTZ NOT NULL,
    last TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source, day, hello, address, server)
);
CREATE INDEX IF NOT EXISTS sighting_hello ON sighting (hello, day);

-- HTTP requests: what the clients say they are.
CREATE TABLE IF NOT EXISTS claim (
    source BIGINT NOT NULL REFERENCES source ON DELETE CASCADE,
    day DATE NOT NULL,
    hello BIGINT NOT NULL REFERENCES hello,
    address BIGINT NOT NULL REFERENCES address,
    agent BIGINT NOT NULL REFERENCES agent,
    n BIGINT NOT NULL,
    first TIMESTAMPTZ NOT NULL,
    last TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source, day, hello, address, agent)
);

-- Known clients, of the list that was loaded last.
CREATE TABLE IF NOT EXISTS known (ja4 TEXT NOT NULL, name TEXT NOT NULL, family TEXT, kind TEXT);
CREATE INDEX IF NOT EXISTS known_ja4 ON known (ja4);

-- The view of the same name in the SQLite file.
CREATE OR REPLACE VIEW sightings AS
SELECT sighting.day, client.ja4, client.ja4_bc, client.stable, hello.ja3, client.ja3n, hello.ja4_o,
       CASE left(client.ja4, 1) WHEN 'q' THEN 'quic' WHEN 'd' THEN 'dtls' ELSE 'tls' END AS transport,
       address.text AS address, server.name AS server, sighting.n, sighting.first, sighting.last,
       source.name AS source, source.census
FROM sighting JOIN hello ON hello.id = sighting.hello JOIN client ON client.id = hello.client
JOIN address ON address.id = sighting.address JOIN server ON server.id = sighting.server
JOIN source ON source.id = sighting.source;

CREATE OR REPLACE VIEW totals AS
SELECT coalesce(sum(n), 0) AS connections, count(DISTINCT nullif(address, '')) AS addresses, count(DISTINCT day) AS days
FROM sightings;

CREATE OR REPLACE VIEW names AS
SELECT ja4, string_agg(DISTINCT name, '; ' ORDER BY name) AS clients, bool_or(kind = 'mimic') AS mimic FROM known GROUP BY ja4;

-- tlsfp-census impact VALUE: WHERE ja4 = '...' or LIKE. Shares are percent.
CREATE OR REPLACE VIEW impact AS
SELECT value.ja4, value.connections, round(100.0 * value.connections / nullif(totals.connections, 0), 2) AS connection_share,
       value.addresses, round(100.0 * value.addresses / nullif(totals.addresses, 0), 2) AS address_share,
       value.days, round(100.0 * value.days / nullif(totals.days, 0), 2) AS day_share,
       value.connections < 100 AS too_few_to_say, names.clients, value.first, value.last
FROM (SELECT ja4, sum(n) AS connections, count(DISTINCT nullif(address, '')) AS addresses, count(DISTINCT day) AS days,
             min(first) AS first, max(last) AS last
      FROM sightings GROUP BY ja4) AS value
CROSS JOIN totals LEFT JOIN names ON names.ja4 = value.ja4;

-- tlsfp-census top: the most frequent ones first.
CREATE OR REPLACE VIEW top AS SELECT * FROM impact ORDER BY connections DESC, ja4;

-- Which servers, and what the clients say they are: the narrower rules of tlsfp-census impact.
CREATE OR REPLACE VIEW impact_servers AS
SELECT ja4, server, sum(n) AS connections, count(DISTINCT nullif(address, '')) AS addresses FROM sightings GROUP BY ja4, server;

CREATE OR REPLACE VIEW impact_claims AS
SELECT client.ja4, agent.text AS agent, sum(claim.n) AS requests, count(DISTINCT nullif(address.text, '')) AS addresses
FROM claim JOIN hello ON hello.id = claim.hello JOIN client ON client.id = hello.client
JOIN address ON address.id = claim.address JOIN agent ON agent.id = claim.agent GROUP BY client.ja4, agent.text;

-- tlsfp-census since: WHERE first >= '2026-11-01'.
CREATE OR REPLACE VIEW since AS
SELECT client.ja4, hello.ja3, min(sighting.first) AS first, sum(sighting.n) AS connections, names.clients
FROM sighting JOIN hello ON hello.id = sighting.hello JOIN client ON client.id = hello.client
LEFT JOIN names ON names.ja4 = client.ja4 GROUP BY client.ja4, hello.ja3, names.clients;

-- The report's shares over time.
CREATE OR REPLACE VIEW days AS
SELECT day, ja4, sum(n) AS connections, round(100.0 * sum(n) / sum(sum(n)) OVER (PARTITION BY day), 2) AS share
FROM sightings GROUP BY day, ja4;
