/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/origin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, SHA256_SIZE = 32 };

static const char *const kind_names[] = {"capture", "ndjson", "stream", "interface"};

static void write_hex(const uint8_t *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/** The digest of what was put in so far; more can be put in. */
static void peek_digest(gcry_md_hd_t digest, char out[DIGEST_TEXT_SIZE])
{
    gcry_md_hd_t copy;
    if (gcry_md_copy(&copy, digest) != 0)
        g_error("no memory");
    write_hex(gcry_md_read(copy, GCRY_MD_SHA256), SHA256_SIZE, out);
    gcry_md_close(copy);
}

static gcry_md_hd_t new_digest(void)
{
    gcry_md_hd_t digest;
    if (gcry_md_open(&digest, GCRY_MD_SHA256, 0) != 0)
        g_error("no memory");
    return digest;
}

origin origin_new(origin_kind kind, const char *name)
{
    uint8_t random[SHA256_SIZE];
    origin source = {.kind = kind, .name = g_strdup(name), .digest = new_digest()};
    gcry_create_nonce(random, sizeof random);
    write_hex(random, sizeof random, source.uid);
    return source;
}

void origin_clear(origin *source)
{
    gcry_md_close(source->digest);
    g_free(source->name);
}

void origin_advance(origin *source, const void *bytes, size_t len)
{
    gcry_md_write(source->digest, bytes, len);
    source->length += (int64_t)len;
}

static bool fail(const char *name, GError **error)
{
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "%s: %s", name,
                g_strerror(errno));
    return false;
}

/** Puts the file up to @p end into the digest. */
static bool digest_up_to(origin *source, int fd, int64_t end, GError **error)
{
    char *chunk = g_malloc(CHUNK);
    bool fine = true;
    while (fine && source->length < end) {
        const ssize_t n =
            pread(fd, chunk, (size_t)MIN(end - source->length, CHUNK), (off_t)source->length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno; /* it became shorter */
            fine = fail(source->name, error);
        } else {
            origin_advance(source, chunk, (size_t)n);
        }
    }
    g_free(chunk);
    return fine;
}

/** The digest of the first line. */
static bool read_first_line(int fd, origin *source, GError **error)
{
    char *line = g_malloc(FIRST_LINE_MAX);
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < FIRST_LINE_MAX && memchr(line, '\n', len) == NULL) {
        n = pread(fd, line + len, FIRST_LINE_MAX - len, (off_t)len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (n >= 0) {
        const char *end = memchr(line, '\n', len);
        uint8_t digest[SHA256_SIZE];
        gcry_md_hash_buffer(GCRY_MD_SHA256, digest, line, end != NULL ? (size_t)(end - line) : len);
        write_hex(digest, sizeof digest, source->uid);
    }
    g_free(line);
    return n >= 0 || fail(source->name, error);
}

/** States in which a source was added, the shortest first. */
static const char states[] =
    "SELECT source.id, mark.length, mark.digest, source.length FROM mark JOIN source ON source.id ="
    " mark.source WHERE uid = ?1 AND kind = ?2 AND (kind = 'ndjson' OR name = ?3)"
    " UNION SELECT id, length, digest, length FROM source WHERE uid = ?1 AND kind = ?2"
    " AND (kind = 'ndjson' OR name = ?3) ORDER BY 2, 4";

/** Compares the file with each state that is no longer than it; the longest that fits counts. */
static bool match_states(store *census, origin *source, int fd, int64_t size, GError **error)
{
    sqlite3_stmt *query = store_prepare(census, states, error);
    char digest[DIGEST_TEXT_SIZE];
    bool fine = query != NULL;
    gcry_md_hd_t matched = new_digest();
    int64_t length = 0, longest = 0;
    if (fine)
        store_bind(query, "ttt", source->uid, kind_names[source->kind], source->name);
    while (fine && sqlite3_step(query) == SQLITE_ROW && sqlite3_column_int64(query, 1) <= size) {
        fine = digest_up_to(source, fd, sqlite3_column_int64(query, 1), error);
        if (!fine)
            break;
        peek_digest(source->digest, digest);
        if (strcmp(digest, (const char *)sqlite3_column_text(query, 2)) != 0)
            continue;
        gcry_md_close(matched);
        gcry_md_copy(&matched, source->digest);
        length = source->length;
        source->id = sqlite3_column_int64(query, 0);
        longest = sqlite3_column_int64(query, 3);
    }
    sqlite3_finalize(query);
    gcry_md_close(source->digest);
    source->digest = matched;
    source->length = source->written = length;
    source->known = length > 0 && length == size;
    if (!source->known && longest > length) { /* it went on in another way */
        source->id = 0;
        source->written = 0;
    }
    return fine;
}

static bool match_capture(store *census, origin *source, int fd, int64_t size, GError **error)
{
    if (!digest_up_to(source, fd, size, error))
        return false;
    peek_digest(source->digest, source->uid);
    sqlite3_stmt *query =
        store_prepare(census, "SELECT id FROM source WHERE uid = ? AND kind = 'capture'", error);
    if (query == NULL)
        return false;
    store_bind(query, "t", source->uid);
    source->known = sqlite3_step(query) == SQLITE_ROW;
    sqlite3_finalize(query);
    return true;
}

bool origin_find(store *census, origin_kind kind, const char *name, int fd, origin *out,
                 GError **error)
{
    struct stat file;
    origin source = origin_new(kind, name);
    source.newest = store_number(census, "SELECT coalesce(max(id), 0) FROM source", 0);
    bool fine = fstat(fd, &file) == 0 || fail(name, error);
    if (fine && kind == ORIGIN_CAPTURE)
        fine = match_capture(census, &source, fd, file.st_size, error);
    else if (fine)
        fine = read_first_line(fd, &source, error) &&
               match_states(census, &source, fd, file.st_size, error);
    if (fine && lseek(fd, kind == ORIGIN_CAPTURE ? 0 : (off_t)source.length, SEEK_SET) < 0)
        fine = fail(name, error);
    if (fine)
        *out = source;
    else
        origin_clear(&source);
    return fine;
}

/* ---- writing ---- */

static int64_t number_of(store *census, const char *sql, const origin *source)
{
    sqlite3_stmt *query = store_prepare(census, sql, NULL);
    int64_t number = -1;
    if (query != NULL) {
        store_bind(query, "tii", source->uid, source->newest, source->id);
        if (sqlite3_step(query) == SQLITE_ROW)
            number = sqlite3_column_int64(query, 0);
    }
    sqlite3_finalize(query);
    return number;
}

/** Whether somebody else added the same since it was looked for. */
static bool is_mine(store *census, const origin *source, GError **error)
{
    const bool mine =
        source->id == 0
            ? number_of(census, "SELECT count(*) FROM source WHERE uid = ?1 AND id > ?2", source) ==
                  0
            : number_of(census, "SELECT length FROM source WHERE id = ?3", source) ==
                  source->written;
    if (!mine)
        g_set_error(error, STORE_ERROR, 0,
                    "%s: another tlsfp-census is adding it to %s; nothing of it was counted twice",
                    source->name, census->path);
    return mine;
}

bool origin_write(store *census, origin *source, int64_t hellos, GError **error)
{
    char digest[DIGEST_TEXT_SIZE];
    if (!is_mine(census, source, error))
        return false;
    peek_digest(source->digest, digest);
    sqlite3_stmt *statement = store_prepare(
        census,
        source->id == 0
            ? "INSERT INTO source (length, digest, hellos, kind, uid, name, added) "
              "VALUES (?, ?, ?, ?, ?, ?, unixepoch())"
            : "UPDATE source SET length = ?, digest = ?, hellos = hellos + ? WHERE id = ?",
        error);
    if (statement == NULL)
        return false;
    if (source->id == 0)
        store_bind(statement, "itittt", source->length, digest, hellos, kind_names[source->kind],
                   source->uid, source->name);
    else
        store_bind(statement, "itii", source->length, digest, hellos, source->id);
    const bool fine = store_do(census, statement, error);
    sqlite3_finalize(statement);
    if (fine && source->id == 0)
        source->id = sqlite3_last_insert_rowid(census->db);
    if (fine)
        source->written = source->length;
    return fine;
}

bool origin_mark(store *census, const origin *source, GError **error)
{
    sqlite3_stmt *statement = store_prepare(
        census, "INSERT OR IGNORE INTO mark SELECT id, length, digest FROM source WHERE id = ?",
        error);
    if (statement == NULL)
        return false;
    store_bind(statement, "i", source->id);
    const bool fine = store_do(census, statement, error);
    sqlite3_finalize(statement);
    return fine;
}
