/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One capture searched by several threads. One reads it, and finds hellos as ever, but for those in
 * QUIC; the others open QUIC's packets, compute fingerprints and write lines. What they get is a
 * copy, batch by batch. Lines are printed batch by batch, in the order in which their hellos were
 * dealt out: as one thread would print them.
 */
#include "run_dealt.h"

enum {
    N_BATCHES = 8,   /* dealt out, and not yet done */
    BATCH_SIZE = 256 /* tasks: a thread that has to be woken up for less is slower than none */
};

/** A hello, or a datagram to look into. */
typedef struct {
    uint64_t serial;
    frame frame;
    endpoints ends;
    size_t at, len; /* its bytes, in those of its share */
    tlsfp_transport transport;
    int depth;
    bool is_datagram, is_retry;
} task;

/** Where a line ends, and the task that it is from. */
typedef struct {
    uint64_t serial;
    size_t end;
} line_end;

/** What one thread has to do in a batch, and the lines that came of it. */
struct share {
    GArray *tasks; /* task */
    GByteArray *bytes;
    GString *text;
    GArray *ends;      /* line_end */
    guint n_printed;   /* of them */
    uint64_t n_hellos; /* found in datagrams */
};

struct batch {
    struct share *shares; /* one for each thread */
    unsigned n_pending;   /* threads that are not done with theirs */
};

struct worker;

struct dealing {
    search_run *run;
    file_hits *hits; /* prints */
    const char *file;
    unsigned n_workers;
    struct worker *workers;
    struct batch batches[N_BATCHES];
    uint64_t n_tasks, n_flushed; /* and of them given to the threads */
    uint64_t n_dealt, n_printed; /* batches */
    uint64_t n_hellos;
    bool ended;
    GMutex lock; /* for n_dealt, ended, and the batches' n_pending */
    GCond dealt, done;
};

/** A thread that is dealt tasks. */
struct worker {
    struct dealing *dealing;
    unsigned number;
    GThread *thread;
    file_hits *hits;
    struct share *share; /* at hand */
    uint64_t serial;     /* of the task at hand */
};

static struct batch *batch_at(struct dealing *dealing, uint64_t number)
{
    return &dealing->batches[number % N_BATCHES];
}

/* -- The threads that are dealt tasks */

static void note_line(void *data)
{
    const struct worker *worker = data;
    const line_end end = {worker->serial, worker->share->text->len};
    g_array_append_val(worker->share->ends, end);
}

static void tell(const task *hello, tlsfp_span message, file_hits *hits)
{
    tlsfp_client_hello parsed;
    const found_hello found = {.frame = &hello->frame,
                               .ends = &hello->ends,
                               .hello = &parsed,
                               .is_retry = hello->is_retry};
    if (tlsfp_parse(message, hello->transport, &parsed) == TLSFP_OK)
        hits_add(&found, hits);
}

static void do_share(struct worker *worker, struct share *share, struct finder *search)
{
    uint64_t before = finder_counted(search).hellos;
    worker->share = share;
    hits_keep_in(worker->hits, share->text);
    for (guint i = 0; i < share->tasks->len; i++) {
        const task *next = &g_array_index(share->tasks, task, i);
        tlsfp_span bytes = {share->bytes->data + next->at, next->len};
        const dealt_datagram datagram = {&next->frame, &next->ends, bytes, next->depth};
        worker->serial = next->serial;
        if (next->is_datagram)
            finder_take(search, &datagram);
        else
            tell(next, bytes, worker->hits);
    }
    share->n_hellos = finder_counted(search).hellos - before;
}

/** Waits for a batch; NULL when there are no more. */
static struct batch *await_batch(struct dealing *dealing, uint64_t number)
{
    g_mutex_lock(&dealing->lock);
    while (dealing->n_dealt <= number && !dealing->ended)
        g_cond_wait(&dealing->dealt, &dealing->lock);
    struct batch *next = dealing->n_dealt > number ? batch_at(dealing, number) : NULL;
    g_mutex_unlock(&dealing->lock);
    return next;
}

static void mark_done(struct dealing *dealing, struct batch *batch)
{
    g_mutex_lock(&dealing->lock);
    if (--batch->n_pending == 0)
        g_cond_signal(&dealing->done);
    g_mutex_unlock(&dealing->lock);
}

static gpointer run_worker(gpointer data)
{
    struct worker *worker = data;
    struct dealing *dealing = worker->dealing;
    tlsfp_context *context = tlsfp_context_new();
    finder_limits limits = run_limits(dealing->run, dealing->run->shares.dealt);
    worker->hits = hits_new_part(dealing->run, context, dealing->file, note_line, worker);
    struct finder *search = finder_new(&limits, context, hits_add, worker->hits);
    struct batch *batch;
    for (uint64_t number = 0; (batch = await_batch(dealing, number)) != NULL; number++) {
        do_share(worker, &batch->shares[worker->number], search);
        mark_done(dealing, batch);
    }
    hits_end(worker->hits, search, 0);
    finder_free(search);
    tlsfp_context_free(context);
    return NULL;
}

/* -- The thread that reads and prints */

/** The serial of the first line that is not printed; the highest where there is none. */
static uint64_t next_serial(const struct share *share)
{
    return share->n_printed < share->ends->len
               ? g_array_index(share->ends, line_end, share->n_printed).serial
               : UINT64_MAX;
}

static void print_next(const struct dealing *dealing, struct share *share)
{
    guint n = share->n_printed++;
    size_t start = n > 0 ? g_array_index(share->ends, line_end, n - 1).end : 0;
    size_t end = g_array_index(share->ends, line_end, n).end;
    hits_print(dealing->hits, share->text->str + start, end - start);
}

/** The lines of all threads, in the order of their tasks. */
static void print_lines(const struct dealing *dealing, const struct batch *batch)
{
    for (;;) {
        struct share *first = &batch->shares[0];
        for (unsigned i = 1; i < dealing->n_workers; i++)
            if (next_serial(&batch->shares[i]) < next_serial(first))
                first = &batch->shares[i];
        if (next_serial(first) == UINT64_MAX)
            return;
        print_next(dealing, first);
    }
}

static void clear_share(struct share *share)
{
    g_array_set_size(share->tasks, 0);
    g_byte_array_set_size(share->bytes, 0);
    g_string_truncate(share->text, 0);
    g_array_set_size(share->ends, 0);
    share->n_printed = 0;
    share->n_hellos = 0;
}

/** Prints the oldest batch's lines, once all threads are done with it. */
static void print_batch(struct dealing *dealing)
{
    struct batch *batch = batch_at(dealing, dealing->n_printed);
    g_mutex_lock(&dealing->lock);
    while (batch->n_pending > 0)
        g_cond_wait(&dealing->done, &dealing->lock);
    g_mutex_unlock(&dealing->lock);
    print_lines(dealing, batch);
    for (unsigned i = 0; i < dealing->n_workers; i++) {
        dealing->n_hellos += batch->shares[i].n_hellos;
        clear_share(&batch->shares[i]);
    }
    dealing->n_printed++;
}

void dealing_flush(struct dealing *dealing)
{
    if (dealing->n_flushed == dealing->n_tasks)
        return;
    dealing->n_flushed = dealing->n_tasks;
    g_mutex_lock(&dealing->lock);
    batch_at(dealing, dealing->n_dealt)->n_pending = dealing->n_workers;
    dealing->n_dealt++;
    g_cond_broadcast(&dealing->dealt);
    g_mutex_unlock(&dealing->lock);
    while (dealing->n_dealt - dealing->n_printed >= N_BATCHES)
        print_batch(dealing);
}

static void add_task(struct dealing *dealing, task *added, uint64_t number, tlsfp_span bytes)
{
    struct share *share = &batch_at(dealing, dealing->n_dealt)->shares[number % dealing->n_workers];
    added->serial = dealing->n_tasks++;
    added->at = share->bytes->len;
    added->len = bytes.len;
    added->frame.bytes = (tlsfp_span){NULL, 0};
    g_array_append_vals(share->tasks, added, 1);
    g_byte_array_append(share->bytes, bytes.data, (guint)bytes.len);
    if (dealing->n_tasks - dealing->n_flushed >= BATCH_SIZE)
        dealing_flush(dealing);
}

void dealing_found(const found_hello *found, void *data)
{
    struct dealing *dealing = data;
    task hello = {.frame = *found->frame,
                  .ends = *found->ends,
                  .transport = found->hello->transport,
                  .is_retry = found->is_retry};
    add_task(dealing, &hello, dealing->n_tasks, found->hello->message);
}

void dealing_deal(const dealt_datagram *dealt, void *data)
{
    task datagram = {
        .frame = *dealt->frame, .ends = *dealt->ends, .depth = dealt->depth, .is_datagram = true};
    add_task(data, &datagram, dealt->ends->connection, dealt->bytes);
}

static void start_share(struct share *share)
{
    share->tasks = g_array_new(FALSE, FALSE, sizeof(task));
    share->bytes = g_byte_array_new();
    share->text = g_string_new(NULL);
    share->ends = g_array_new(FALSE, FALSE, sizeof(line_end));
}

static void free_share(struct share *share)
{
    g_array_free(share->tasks, TRUE);
    g_byte_array_unref(share->bytes);
    g_string_free(share->text, TRUE);
    g_array_free(share->ends, TRUE);
}

static void start_batches(struct dealing *dealing)
{
    for (int i = 0; i < N_BATCHES; i++) {
        dealing->batches[i].shares = g_new0(struct share, dealing->n_workers);
        for (unsigned j = 0; j < dealing->n_workers; j++)
            start_share(&dealing->batches[i].shares[j]);
    }
}

static void free_batches(struct dealing *dealing)
{
    for (int i = 0; i < N_BATCHES; i++) {
        for (unsigned j = 0; j < dealing->n_workers; j++)
            free_share(&dealing->batches[i].shares[j]);
        g_free(dealing->batches[i].shares);
    }
}

static void start_workers(struct dealing *dealing)
{
    dealing->workers = g_new0(struct worker, dealing->n_workers);
    for (unsigned i = 0; i < dealing->n_workers; i++) {
        struct worker *worker = &dealing->workers[i];
        worker->dealing = dealing;
        worker->number = i;
        worker->thread = g_thread_new("worker", run_worker, worker);
    }
}

struct dealing *dealing_start(search_run *run, file_hits *hits, const char *file)
{
    struct dealing *dealing = g_new0(struct dealing, 1);
    dealing->run = run;
    dealing->hits = hits;
    dealing->file = file;
    dealing->n_workers = run->options->n_threads;
    g_mutex_init(&dealing->lock);
    g_cond_init(&dealing->dealt);
    g_cond_init(&dealing->done);
    start_batches(dealing);
    start_workers(dealing);
    return dealing;
}

uint64_t dealing_hellos(const struct dealing *dealing)
{
    return dealing->n_hellos;
}

void dealing_drain(struct dealing *dealing)
{
    dealing_flush(dealing);
    while (dealing->n_printed < dealing->n_dealt)
        print_batch(dealing);
}

static void join_workers(struct dealing *dealing)
{
    g_mutex_lock(&dealing->lock);
    dealing->ended = true;
    g_cond_broadcast(&dealing->dealt);
    g_mutex_unlock(&dealing->lock);
    for (unsigned i = 0; i < dealing->n_workers; i++)
        g_thread_join(dealing->workers[i].thread);
}

void dealing_end(struct dealing *dealing)
{
    dealing_drain(dealing);
    join_workers(dealing);
    free_batches(dealing);
    g_mutex_clear(&dealing->lock);
    g_cond_clear(&dealing->dealt);
    g_cond_clear(&dealing->done);
    g_free(dealing->workers);
    g_free(dealing);
}
