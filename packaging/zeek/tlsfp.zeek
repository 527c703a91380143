# SPDX-License-Identifier: BSD-3-Clause
##! Looks for TLS clients whose JA3 or JA4 is in a list made by
##!     tlsfp-census export census.db VALUE... --to zeek-intel -o tlsfp.intel
##! and logs them in intel.log. In local.zeek:
##!     @load frameworks/intel/seen
##!     @load ./tlsfp.zeek
##!     redef Intel::read_files += { "/etc/zeek/tlsfp.intel" };
##! Written for Zeek 6; Debian has no Zeek, and this script was not run by those who wrote it.

module TLSFP;

export {
    redef enum Intel::Type += { JA3, JA4 };
    redef enum Intel::Where += { IN_CLIENT_HELLO };
}

type Hello: record {
    extensions: vector of count &default=vector();
    groups: vector of count &default=vector();
    point_formats: vector of count &default=vector();
    algorithms: vector of count &default=vector();
    versions: vector of count &default=vector();
    protocols: vector of string &default=vector();
};

redef record connection += {
    tlsfp: Hello &optional;
};

const version_codes: table[count] of string = {
    [0x0304] = "13", [0x0303] = "12", [0x0302] = "11", [0x0301] = "10", [0x0300] = "s3", [0x0002] = "s2",
    [0xfeff] = "d1", [0xfefd] = "d2", [0xfefc] = "d3"
};

# RFC 8701.
function is_grease(value: count): bool
    {
    return value % 0x1000 / 0x100 == 0xa && value % 0x10 == 0xa && value / 0x100 == value % 0x100;
    }

function without_grease(values: vector of count): vector of count
    {
    local kept: vector of count = vector();
    for ( i in values )
        if ( ! is_grease(values[i]) )
            kept += values[i];
    return kept;
    }

function joined(values: vector of count, format: string, separator: string): string
    {
    local texts: vector of string = vector();
    for ( i in values )
        texts += fmt(format, values[i]);
    return join_string_vec(texts, separator);
    }

function by_number(a: count, b: count): int
    {
    return a < b ? -1 : (a > b ? 1 : 0);
    }

function part_hash(text: string): string
    {
    return text == "" ? "000000000000" : sha256_hash(text)[0:12];
    }

function limited(n: count): string
    {
    return fmt("%02d", n > 99 ? 99 : n);
    }

function ja3_of(hello: Hello, version: count, ciphers: vector of count): string
    {
    local groups = without_grease(hello$groups);
    return md5_hash(fmt("%d,%s,%s,%s,%s", version, joined(ciphers, "%d", "-"), joined(hello$extensions, "%d", "-"),
                        joined(groups, "%d", "-"), joined(hello$point_formats, "%d", "-")));
    }

# First and last character of the first protocol; JA4.md "ALPN Extension Value".
function alpn_code(hello: Hello): string
    {
    if ( |hello$protocols| == 0 || hello$protocols[0] == "" )
        return "00";
    local first = hello$protocols[0];
    local ends = first[0] + first[-1];
    if ( ends == /[A-Za-z0-9][A-Za-z0-9]/ )
        return ends;
    local digits = bytestring_to_hexstr(ends);
    return digits[0] + digits[3];
    }

function ja4_of(hello: Hello, transport: string, version: count, ciphers: vector of count): string
    {
    local highest = version;
    local versions = without_grease(hello$versions);
    if ( |versions| > 0 )
        {
        sort(versions, by_number);
        highest = versions[|versions| - 1];
        }
    local listed: vector of count = vector();
    local asks_for_name = F;
    for ( i in hello$extensions )
        {
        if ( hello$extensions[i] == 0 )
            asks_for_name = T;
        else if ( hello$extensions[i] != 16 )
            listed += hello$extensions[i];
        }
    sort(listed, by_number);
    local sorted_ciphers = copy(ciphers);
    sort(sorted_ciphers, by_number);
    local part_c = joined(listed, "%04x", ",");
    local algorithms = joined(without_grease(hello$algorithms), "%04x", ",");
    if ( part_c != "" && algorithms != "" )
        part_c = part_c + "_" + algorithms;
    return fmt("%s%s%s%s%s%s_%s_%s", transport, highest in version_codes ? version_codes[highest] : "00",
               asks_for_name ? "d" : "i", limited(|ciphers|), limited(|hello$extensions|), alpn_code(hello),
               part_hash(joined(sorted_ciphers, "%04x", ",")), part_hash(part_c));
    }

function hello_of(c: connection): Hello
    {
    if ( ! c?$tlsfp )
        c$tlsfp = Hello();
    return c$tlsfp;
    }

event ssl_extension(c: connection, is_client: bool, code: count, val: string)
    {
    if ( is_client && ! is_grease(code) )
        hello_of(c)$extensions += code;
    }

event ssl_extension_elliptic_curves(c: connection, is_client: bool, curves: index_vec)
    {
    if ( is_client )
        hello_of(c)$groups = curves;
    }

event ssl_extension_ec_point_formats(c: connection, is_client: bool, point_formats: index_vec)
    {
    if ( is_client )
        hello_of(c)$point_formats = point_formats;
    }

event ssl_extension_signature_algorithm(c: connection, is_client: bool,
                                        signature_algorithms: signature_and_hashalgorithm_vec)
    {
    if ( ! is_client )
        return;
    local values: vector of count = vector();
    for ( i in signature_algorithms )
        values += signature_algorithms[i]$HashAlgorithm * 256 + signature_algorithms[i]$SignatureAlgorithm;
    hello_of(c)$algorithms = values;
    }

event ssl_extension_application_layer_protocol_negotiation(c: connection, is_client: bool, protocols: string_vec)
    {
    if ( is_client )
        hello_of(c)$protocols = protocols;
    }

event ssl_extension_supported_versions(c: connection, is_client: bool, versions: index_vec)
    {
    if ( is_client )
        hello_of(c)$versions = versions;
    }

# Zeek raises the events of the extensions before this one.
event ssl_client_hello(c: connection, version: count, record_version: count, possible_ts: time, client_random: string,
                       session_id: string, ciphers: index_vec, comp_methods: index_vec)
    {
    local hello = hello_of(c);
    local offered = without_grease(ciphers);
    local transport = "QUIC" in c$service ? "q" : (get_port_transport_proto(c$id$resp_p) == udp ? "d" : "t");
    Intel::seen([$indicator=ja3_of(hello, version, offered), $indicator_type=JA3, $conn=c, $where=IN_CLIENT_HELLO]);
    Intel::seen([$indicator=ja4_of(hello, transport, version, offered), $indicator_type=JA4, $conn=c,
                 $where=IN_CLIENT_HELLO]);
    delete c$tlsfp;
    }
