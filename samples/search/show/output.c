/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "show/spill.h"

enum {
    CHUNK_SIZE = 64 * 1024, /* lines written together */
    LINE_SIZE = 16 * 1024,  /* of most lines, with the room made for them */
};

/** A stretch of a lane in the temporary file. */
typedef struct {
    uint64_t at;
    size_t len;
} extent;

struct out_lane {
    output *out;
    bool finished;
    GString *chunk;      /* the thread's own; all below belongs to whoever holds the lock */
    GByteArray *kept;    /* or NULL */
    GArray *spilled;     /* of extent: after what was kept; or NULL */
    GPtrArray *messages; /* of char *, or NULL */
};

struct output {
    int fd;
    log_files *files; /* instead of fd, or NULL */
    bool per_line;
    void (*before)(void *data);
    void *data;
    void (*say)(const char *message, void *data);
    void *say_data;
    GMutex lock;
    GQueue lanes; /* the first one is written through */
    size_t max_kept, n_kept;
    spill_file *spill;
    gint reason; /* why writing failed, an errno, or 0; read without the lock */
};

G_DEFINE_QUARK(tlsfp_output_error, output_error)

output *output_new(int fd, bool per_line, size_t max_kept)
{
    output *out = g_new0(output, 1);
    out->fd = fd;
    out->per_line = per_line;
    out->max_kept = max_kept;
    out->spill = spill_new();
    g_mutex_init(&out->lock);
    g_queue_init(&out->lanes);
    return out;
}

void output_to_files(output *out, log_files *files)
{
    out->files = files;
}

void output_watch(output *out, void (*before)(void *data), void *data)
{
    out->before = before;
    out->data = data;
}

void output_listen(output *out, void (*say)(const char *message, void *data), void *data)
{
    out->say = say;
    out->say_data = data;
}

bool output_failed(output *out)
{
    return g_atomic_int_get(&out->reason) != 0;
}

bool output_is_broken(output *out)
{
    return g_atomic_int_get(&out->reason) == EPIPE;
}

static void set_failed(output *out, int reason)
{
    g_atomic_int_set(&out->reason, reason);
}

/** Whether to repeat a write() that failed. */
static bool try_again(int fd)
{
    if (errno == EAGAIN)
        return poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1) >= 0 || errno == EINTR;
    return errno == EINTR;
}

static void write_out(output *out, const char *text, size_t len)
{
    if (len > 0 && out->before != NULL)
        out->before(out->data);
    if (out->files != NULL) {
        if (!output_failed(out) && !log_files_write(out->files, text, len))
            set_failed(out, errno);
        return;
    }
    while (len > 0 && !output_failed(out)) {
        ssize_t n = write(out->fd, text, len);
        if (n < 0 && !try_again(out->fd))
            set_failed(out, errno);
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
}

static void keep(out_lane *lane, const char *text, size_t len)
{
    output *out = lane->out;
    if (lane->spilled == NULL && out->n_kept + len <= out->max_kept) {
        if (lane->kept == NULL)
            lane->kept = g_byte_array_new();
        g_byte_array_append(lane->kept, (const guint8 *)text, (guint)len);
        out->n_kept += len;
        return;
    }
    extent put = {.len = len};
    if (lane->spilled == NULL)
        lane->spilled = g_array_new(FALSE, FALSE, sizeof(extent));
    if (spill_put(out->spill, text, len, &put.at))
        g_array_append_val(lane->spilled, put);
    else
        set_failed(out, errno);
}

static void write_piece(output *out, const extent *put)
{
    char *text = g_malloc(put->len);
    if (spill_get(out->spill, put->at, text, put->len))
        write_out(out, text, put->len);
    else
        set_failed(out, errno);
    g_free(text);
}

/** Writes what a lane kept while it was not its turn. */
static void write_kept(out_lane *lane)
{
    output *out = lane->out;
    if (lane->kept != NULL) {
        write_out(out, (const char *)lane->kept->data, lane->kept->len);
        out->n_kept -= lane->kept->len;
        g_byte_array_unref(lane->kept);
        lane->kept = NULL;
    }
    if (lane->spilled == NULL)
        return;
    for (guint i = 0; i < lane->spilled->len; i++)
        write_piece(out, &g_array_index(lane->spilled, extent, i));
    g_array_unref(lane->spilled);
    lane->spilled = NULL;
}

/** With the lock held. */
static void pass_on(out_lane *lane, const char *text, size_t len)
{
    output *out = lane->out;
    if (len == 0 || output_failed(out))
        return;
    if (g_queue_peek_head(&out->lanes) == lane)
        write_out(out, text, len);
    else
        keep(lane, text, len);
}

static void pass_chunk_on(out_lane *lane)
{
    g_mutex_lock(&lane->out->lock);
    pass_on(lane, lane->chunk->str, lane->chunk->len);
    g_mutex_unlock(&lane->out->lock);
    g_string_truncate(lane->chunk, 0);
}

out_lane *output_lane(output *out)
{
    out_lane *lane = g_new0(out_lane, 1);
    lane->out = out;
    g_mutex_lock(&out->lock);
    g_queue_push_tail(&out->lanes, lane);
    g_mutex_unlock(&out->lock);
    return lane;
}

GString *lane_text(out_lane *lane)
{
    if (lane->chunk == NULL)
        lane->chunk = g_string_sized_new(CHUNK_SIZE + LINE_SIZE);
    return lane->chunk;
}

void lane_end_line(out_lane *lane)
{
    if (lane->chunk->len >= CHUNK_SIZE || lane->out->per_line)
        pass_chunk_on(lane);
}

void lane_put(out_lane *lane, const char *text, size_t len)
{
    g_string_append_len(lane_text(lane), text, (gssize)len);
    lane_end_line(lane);
}

void lane_say(out_lane *lane, const char *message)
{
    if (lane->messages == NULL)
        lane->messages = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(lane->messages, g_strdup(message));
}

static void free_lane(const output *out, out_lane *lane)
{
    for (guint i = 0; lane->messages != NULL && i < lane->messages->len; i++)
        if (out->say != NULL)
            out->say(g_ptr_array_index(lane->messages, i), out->say_data);
    if (lane->messages != NULL)
        g_ptr_array_unref(lane->messages);
    g_free(lane);
}

/** Gives the turn to the next lane that is not finished. With the lock held. */
static void advance(output *out)
{
    out_lane *lane;
    while ((lane = g_queue_peek_head(&out->lanes)) != NULL) {
        write_kept(lane);
        if (!lane->finished)
            return;
        g_queue_pop_head(&out->lanes);
        free_lane(out, lane);
    }
}

void lane_finish(out_lane *lane)
{
    output *out = lane->out;
    g_mutex_lock(&out->lock);
    if (lane->chunk != NULL) {
        pass_on(lane, lane->chunk->str, lane->chunk->len);
        g_string_free(lane->chunk, TRUE);
        lane->chunk = NULL;
    }
    lane->finished = true;
    advance(out);
    g_mutex_unlock(&out->lock);
}

bool output_close(output *out, GError **error)
{
    int reason = g_atomic_int_get(&out->reason);
    bool fine = reason == 0;
    if (!fine)
        g_set_error(error, OUTPUT_ERROR, reason, "%s: %s",
                    out->files != NULL ? "--output" : "standard output", g_strerror(reason));
    if (out->files != NULL)
        log_files_close(out->files);
    spill_free(out->spill);
    g_mutex_clear(&out->lock);
    g_free(out);
    return fine;
}
