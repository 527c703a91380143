-- SPDX-License-Identifier: BSD-3-Clause
-- JA4 of TLS clients in HAProxy (2.6 or later, with Lua 5.3): see ja4.cfg beside this file.
--
--     lua-load /usr/share/tlsfp/haproxy/ja4.lua
--
-- lua.ja4 is for a frontend in mode tcp, where TLS goes through as it was sent: the JA4 of the ClientHello in the request's
-- buffer, and "" without one. lua.ja4_of is for a frontend behind it that ends TLS and gets the client's address by the
-- PROXY protocol: the JA4 that the first one saw from this address and port.
--
-- JA4: https://github.com/FoxIO-LLC/ja4, technical_details/JA4.md. A hello that spans TLS records has none here.

local CLIENT_HELLO, HANDSHAKE = 1, 22
local SERVER_NAME, SIGNATURE_ALGORITHMS, ALPN, SUPPORTED_VERSIONS = 0, 13, 16, 43
local VERSIONS = {
    [0x0304] = "13", [0x0303] = "12", [0x0302] = "11", [0x0301] = "10", [0x0300] = "s3", [0x0002] = "s2",
    [0xfeff] = "d1", [0xfefd] = "d2", [0xfefc] = "d3",
}

local function is_grease(value)
    return value & 0x0f0f == 0x0a0a and value >> 8 == value & 0xff
end

-- The values of two bytes in a list, without GREASE.
local function values_of(list)
    local values = {}
    for at = 1, #list - 1, 2 do
        local value = string.unpack(">I2", list, at)
        if not is_grease(value) then
            values[#values + 1] = value
        end
    end
    return values
end

-- What stands behind a length of that many bytes, as far as it is there.
local function inside(body, size)
    if #body < size then
        return ""
    end
    local len = string.unpack(">I" .. size, body)
    return body:sub(size + 1, size + len)
end

local function joined(values)
    local texts = {}
    for i, value in ipairs(values) do
        texts[i] = string.format("%04x", value)
    end
    return table.concat(texts, ",")
end

-- The hello's fields; raises an error where a field is longer than the message.
local function parse(message)
    local hello = { types = {}, bodies = {} }
    local session_id, compression, block
    local at
    hello.version, at = string.unpack(">I2", message)
    session_id, at = string.unpack(">s1", message, at + 32)
    hello.ciphers, at = string.unpack(">s2", message, at)
    compression, at = string.unpack(">s1", message, at)
    if at > #message then
        return hello -- no extensions at all: clients before TLS 1.2
    end
    block = string.unpack(">s2", message, at)
    at = 1
    while at + 3 <= #block do
        local type, body
        type, body, at = string.unpack(">I2s2", block, at)
        if not is_grease(type) then
            hello.types[#hello.types + 1] = type
        end
        hello.bodies[type] = hello.bodies[type] or body
    end
    return hello
end

local function version_code(hello)
    local highest = -1
    for _, version in ipairs(values_of(inside(hello.bodies[SUPPORTED_VERSIONS] or "", 1))) do
        highest = math.max(highest, version)
    end
    return VERSIONS[highest >= 0 and highest or hello.version] or "00"
end

-- JA4.md "ALPN Extension Value": of the first protocol that is not GREASE.
local function alpn_code(hello)
    local list = inside(hello.bodies[ALPN] or "", 2)
    local at = 1
    while at <= #list do
        local protocol = inside(list:sub(at), 1)
        local is_pair = #protocol == 2 and is_grease(string.unpack(">I2", protocol))
        if not is_pair then
            local ends = protocol:sub(1, 1) .. protocol:sub(-1)
            if protocol == "" or ends:find("^%w%w$") then
                return protocol == "" and "00" or ends
            end
            return string.format("%02x", ends:byte(1)):sub(1, 1) .. string.format("%02x", ends:byte(2)):sub(2)
        end
        at = at + 1 + #protocol
    end
    return "00"
end

-- The first 12 hex digits of the text's SHA-256; zeros for none.
local function hash(converters, text)
    if text == "" then
        return "000000000000"
    end
    return converters:hex(converters:sha2(text, 256)):sub(1, 12):lower()
end

local function ja4_of_message(converters, message)
    local hello = parse(message)
    local ciphers, listed = values_of(hello.ciphers), {}
    for _, type in ipairs(hello.types) do
        if type ~= SERVER_NAME and type ~= ALPN then
            listed[#listed + 1] = type
        end
    end
    table.sort(ciphers)
    table.sort(listed)
    local algorithms = joined(values_of(inside(hello.bodies[SIGNATURE_ALGORITHMS] or "", 2)))
    local extensions = joined(listed)
    if extensions ~= "" and algorithms ~= "" then
        extensions = extensions .. "_" .. algorithms
    end
    return string.format("t%s%s%02d%02d%s_%s_%s", version_code(hello), hello.bodies[SERVER_NAME] and "d" or "i",
        math.min(#ciphers, 99), math.min(#hello.types, 99), alpn_code(hello), hash(converters, joined(ciphers)),
        hash(converters, extensions))
end

-- What a TLS record holds, if that is a whole ClientHello.
local function message_of_record(bytes)
    if #bytes < 9 or bytes:byte(1) ~= HANDSHAKE or bytes:byte(6) ~= CLIENT_HELLO then
        return nil
    end
    local record, len = string.unpack(">I2", bytes, 4), string.unpack(">I3", bytes, 7)
    if record < len + 4 or #bytes < len + 9 then
        return nil
    end
    return bytes:sub(10, len + 9)
end

-- JA4s by address and port, in two halves: the older one is dropped when the newer one is full.
local newer, older, n_newer, MAX_NEWER = {}, {}, 0, 50000

local function key_of(txn)
    return tostring(txn.f:src()) .. " " .. tostring(txn.f:src_port())
end

core.register_fetches("ja4", function(txn)
    local bytes = txn.f:req_payload(0, 0)
    local message = bytes and message_of_record(bytes)
    local fine, ja4
    if message then
        fine, ja4 = pcall(ja4_of_message, txn.c, message)
    end
    if not fine then
        return ""
    end
    if n_newer >= MAX_NEWER then
        newer, older, n_newer = {}, newer, 0
    end
    newer[key_of(txn)] = ja4
    n_newer = n_newer + 1
    return ja4
end)

core.register_fetches("ja4_of", function(txn)
    local key = key_of(txn)
    return newer[key] or older[key] or ""
end)
