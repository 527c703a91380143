/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/writer.h"

#include <signal.h>

struct writer {
    store *census;
    GThread *thread; /* NULL: nothing is being written; what follows belongs to the thread */
    struct batch *batch;
    struct origin *origin;
    origin_state reached;
    bool commit;
    int64_t pending;   /* connections in the open transaction */
    int64_t committed; /* connections */
    GError *error;
};

struct writer *writer_new(store *census)
{
    struct writer *writer = g_new0(struct writer, 1);
    writer->census = census;
    return writer;
}

void writer_free(struct writer *writer)
{
    if (writer == NULL)
        return;
    writer_roll_back(writer);
    g_free(writer);
}

static bool write_batch(struct writer *writer)
{
    const int64_t hellos = batch_hellos(writer->batch);
    if (!store_is_writing(writer->census) && !store_begin(writer->census, &writer->error))
        return false;
    if (!origin_write(writer->census, writer->origin, &writer->reached, hellos, &writer->error) ||
        !batch_write(writer->batch, writer->census, writer->origin->id, &writer->error))
        return false;
    writer->pending += hellos;
    if (!writer->commit)
        return true;
    if (!store_commit(writer->census, &writer->error))
        return false;
    writer->committed += writer->pending;
    writer->pending = 0;
    return true;
}

static void roll_back(struct writer *writer)
{
    store_rollback(writer->census);
    writer->pending = 0;
}

static gpointer run(gpointer data)
{
    struct writer *writer = data;
    if (!write_batch(writer))
        roll_back(writer);
    batch_drop(writer->batch);
    return NULL;
}

/** Signals are for the thread that reads. */
static GThread *start_thread(struct writer *writer)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    GThread *thread = g_thread_new("writer", run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

bool writer_start(struct writer *writer, struct batch *batch, struct origin *origin, bool commit,
                  GError **error)
{
    if (!writer_finish(writer, error))
        return false;
    writer->batch = batch;
    writer->origin = origin;
    writer->reached = origin_state_of(origin);
    writer->commit = commit;
    writer->thread = start_thread(writer);
    return true;
}

bool writer_finish(struct writer *writer, GError **error)
{
    g_clear_pointer(&writer->thread, g_thread_join);
    if (writer->error == NULL)
        return true;
    g_propagate_error(error, writer->error);
    writer->error = NULL;
    return false;
}

void writer_roll_back(struct writer *writer)
{
    writer_finish(writer, NULL);
    roll_back(writer);
}

int64_t writer_hellos(const struct writer *writer)
{
    return writer->committed;
}
