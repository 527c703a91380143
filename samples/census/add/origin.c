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

struct origin origin_new(origin_kind kind, const char *name)
{
    uint8_t random[SHA256_SIZE];
    struct origin origin = {.kind = kind, .name = g_strdup(name), .digest = new_digest()};
    gcry_create_nonce(random, sizeof random);
    write_hex(random, sizeof random, origin.uid);
    return origin;
}

void origin_clear(struct origin *origin)
{
    gcry_md_close(origin->digest);
    g_free(origin->name);
}

origin_state origin_state_of(const struct origin *origin)
{
    origin_state state = {.length = origin->length};
    peek_digest(origin->digest, state.digest);
    return state;
}

void origin_advance(struct origin *origin, const void *bytes, size_t len)
{
    gcry_md_write(origin->digest, bytes, len);
    origin->length += (int64_t)len;
}

static bool fail(const char *name, GError **error)
{
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "%s: %s", name,
                g_strerror(errno));
    return false;
}

/** Puts the file up to @p end into the digest. */
static bool digest_up_to(struct origin *origin, int fd, int64_t end, GError **error)
{
    char *chunk = g_malloc(CHUNK);
    bool fine = true;
    while (fine && origin->length < end) {
        const ssize_t n =
            pread(fd, chunk, (size_t)MIN(end - origin->length, CHUNK), (off_t)origin->length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno; /* it became shorter */
            fine = fail(origin->name, error);
        } else {
            origin_advance(origin, chunk, (size_t)n);
        }
    }
    g_free(chunk);
    return fine;
}

/** The digest of the first line. */
static bool read_first_line(int fd, struct origin *origin, GError **error)
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
        write_hex(digest, sizeof digest, origin->uid);
    }
    g_free(line);
    return n >= 0 || fail(origin->name, error);
}

/** States in which a source was added, the shortest first. */
static const char states[] =
    "SELECT source.id, mark.length, mark.digest, source.length FROM mark JOIN source ON source.id ="
    " mark.source WHERE uid = ?1 AND kind = ?2 AND (kind = 'ndjson' OR name = ?3)"
    " UNION SELECT id, length, digest, length FROM source WHERE uid = ?1 AND kind = ?2"
    " AND (kind = 'ndjson' OR name = ?3) ORDER BY 2, 4";

/** Compares the file with each state that is no longer than it; the longest that fits counts. */
static bool match_states(store *census, struct origin *origin, int fd, int64_t size, GError **error)
{
    sqlite3_stmt *query = store_prepare(census, states, error);
    char digest[DIGEST_TEXT_SIZE];
    bool fine = query != NULL;
    gcry_md_hd_t matched = new_digest();
    int64_t length = 0, longest = 0;
    if (fine)
        store_bind(query, "ttt", origin->uid, kind_names[origin->kind], origin->name);
    while (fine && sqlite3_step(query) == SQLITE_ROW && sqlite3_column_int64(query, 1) <= size) {
        fine = digest_up_to(origin, fd, sqlite3_column_int64(query, 1), error);
        if (!fine)
            break;
        peek_digest(origin->digest, digest);
        if (strcmp(digest, (const char *)sqlite3_column_text(query, 2)) != 0)
            continue;
        gcry_md_close(matched);
        gcry_md_copy(&matched, origin->digest);
        length = origin->length;
        origin->id = sqlite3_column_int64(query, 0);
        longest = sqlite3_column_int64(query, 3);
    }
    sqlite3_finalize(query);
    gcry_md_close(origin->digest);
    origin->digest = matched;
    origin->length = origin->written = length;
    origin->known = length > 0 && length == size;
    if (!origin->known &&
        longest > length) { /* from here on the file differs from the earlier one */
        origin->id = 0;
        origin->written = 0;
    }
    return fine;
}

static bool match_capture(store *census, struct origin *origin, int fd, int64_t size,
                          GError **error)
{
    if (!digest_up_to(origin, fd, size, error))
        return false;
    peek_digest(origin->digest, origin->uid);
    sqlite3_stmt *query =
        store_prepare(census, "SELECT id FROM source WHERE uid = ? AND kind = 'capture'", error);
    if (query == NULL)
        return false;
    store_bind(query, "t", origin->uid);
    origin->known = sqlite3_step(query) == SQLITE_ROW;
    sqlite3_finalize(query);
    return true;
}

bool origin_find(store *census, origin_kind kind, const char *name, int fd, struct origin *out,
                 GError **error)
{
    struct stat file;
    struct origin origin = origin_new(kind, name);
    origin.newest = store_number(census, "SELECT coalesce(max(id), 0) FROM source", 0);
    bool fine = fstat(fd, &file) == 0 || fail(name, error);
    if (fine && kind == ORIGIN_CAPTURE)
        fine = match_capture(census, &origin, fd, file.st_size, error);
    else if (fine)
        fine = read_first_line(fd, &origin, error) &&
               match_states(census, &origin, fd, file.st_size, error);
    if (fine && lseek(fd, kind == ORIGIN_CAPTURE ? 0 : (off_t)origin.length, SEEK_SET) < 0)
        fine = fail(name, error);
    if (fine)
        *out = origin;
    else
        origin_clear(&origin);
    return fine;
}

/* ---- writing ---- */

static int64_t number_of(store *census, const char *sql, const struct origin *origin)
{
    sqlite3_stmt *query = store_prepare(census, sql, NULL);
    int64_t number = -1;
    if (query != NULL) {
        store_bind(query, "tii", origin->uid, origin->newest, origin->id);
        if (sqlite3_step(query) == SQLITE_ROW)
            number = sqlite3_column_int64(query, 0);
    }
    sqlite3_finalize(query);
    return number;
}

/** Whether no other program has added to this source since origin_find(). */
static bool is_mine(store *census, const struct origin *origin, GError **error)
{
    const bool mine =
        origin->id == 0
            ? number_of(census, "SELECT count(*) FROM source WHERE uid = ?1 AND id > ?2", origin) ==
                  0
            : number_of(census, "SELECT length FROM source WHERE id = ?3", origin) ==
                  origin->written;
    if (!mine)
        g_set_error(error, STORE_ERROR, 0,
                    "%s: another tlsfp-census is adding it to %s; nothing of it was counted twice",
                    origin->name, census->path);
    return mine;
}

bool origin_write(store *census, struct origin *origin, const origin_state *reached, int64_t hellos,
                  GError **error)
{
    if (!is_mine(census, origin, error))
        return false;
    sqlite3_stmt *statement = store_prepare(
        census,
        origin->id == 0
            ? "INSERT INTO source (length, digest, hellos, kind, uid, name, added) "
              "VALUES (?, ?, ?, ?, ?, ?, unixepoch())"
            : "UPDATE source SET length = ?, digest = ?, hellos = hellos + ? WHERE id = ?",
        error);
    if (statement == NULL)
        return false;
    if (origin->id == 0)
        store_bind(statement, "itittt", reached->length, reached->digest, hellos,
                   kind_names[origin->kind], origin->uid, origin->name);
    else
        store_bind(statement, "itii", reached->length, reached->digest, hellos, origin->id);
    const bool fine = store_do(census, statement, error);
    sqlite3_finalize(statement);
    if (fine && origin->id == 0)
        origin->id = sqlite3_last_insert_rowid(census->db);
    if (fine)
        origin->written = reached->length;
    return fine;
}

bool origin_mark(store *census, const struct origin *origin, GError **error)
{
    sqlite3_stmt *statement = store_prepare(
        census, "INSERT OR IGNORE INTO mark SELECT id, length, digest FROM source WHERE id = ?",
        error);
    if (statement == NULL)
        return false;
    store_bind(statement, "i", origin->id);
    const bool fine = store_do(census, statement, error);
    sqlite3_finalize(statement);
    return fine;
}
