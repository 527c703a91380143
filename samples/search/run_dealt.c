/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One capture searched by several threads. Each goes through all blocks of frames, with a finder
 * for its share of the connections; whichever finds the next block missing reads it, and glances at
 * its frames for all. Lines are printed block by block, in the order in which one thread would find
 * their hellos, by the thread that is done with a block last.
 */
#include "run_dealt.h"

#include "captures.h"

enum {
    N_BLOCKS = 4, /* read, and not yet printed: more of them do not stay in a processor's cache */
    TEXT_SIZE = 16 * 1024,
    N_SAMPLE = 8192, /* frames that show what the others may be like, */
    SOME = 256,      /* so many at a time */
    SAMPLE_MEMORY = 1024 * 1024,
    RARELY = 100, /* frames for each of which there is a hello: with fewer, dealing costs more */
};

/** Where a line ends, and the place of its hello. */
typedef struct {
    uint64_t place;
    size_t end;
} line_end;

/** The lines that came of one thread's search of a block. What it writes to often it has made: it
 * is not beside what another one writes to. */
typedef struct {
    GString *text;
    GArray *ends;    /* line_end */
    guint n_printed; /* of them */
} part_lines;

struct block {
    frame_block frames;
    GArray *seen;       /* glance, at each frame */
    part_lines *parts;  /* one for each thread */
    unsigned n_pending; /* threads that are not done with it */
    uint64_t n_bytes;   /* of the file */
    gint n_hellos;
};

/** What the threads share. */
struct dealing {
    const dealt_search *search;
    finder_limits limits;
    struct capture *capture;
    struct block_reader *reader;
    uint64_t position; /* of the reader, in the file */
    struct block blocks[N_BLOCKS];
    struct block last; /* for lines of hellos that wait for more packets until the end */
    GMutex lock;       /* for what follows, and the blocks' n_pending */
    GCond changed;
    bool is_reading, is_printing; /* one thread does, without the lock */
    bool at_end;
    unsigned n_waiting;         /* threads, for a change */
    uint64_t n_read, n_printed; /* blocks */
    GError *error;
};

struct worker {
    struct dealing *dealing;
    unsigned share;
    GThread *thread; /* NULL for the one that started the others */
    tlsfp_context *context;
    struct finder *finder;
    file_hits *hits;
    part_lines *lines; /* of the block at hand */
    uint64_t n_hellos; /* of earlier blocks */
};

static struct block *block_at(struct dealing *dealing, uint64_t number)
{
    return &dealing->blocks[number % N_BLOCKS];
}

static unsigned n_workers(const struct dealing *dealing)
{
    return dealing->limits.n_shares;
}

/* With the lock held, both. */

static void await_change(struct dealing *dealing)
{
    dealing->n_waiting++;
    g_cond_wait(&dealing->changed, &dealing->lock);
    dealing->n_waiting--;
}

static void tell_change(struct dealing *dealing)
{
    if (dealing->n_waiting > 0)
        g_cond_broadcast(&dealing->changed);
}

/* -- Reading */

static void glance_at(const struct finder *finder, const GArray *frames, GArray *out)
{
    g_array_set_size(out, frames->len);
    finder_glance(finder, (frame *)(void *)frames->data, frames->len, (glance *)(void *)out->data);
}

/** Reads the next block; false where there is none. */
static bool read_block(const struct worker *worker, struct block *block)
{
    struct dealing *dealing = worker->dealing;
    uint64_t before = dealing->position, size;
    if (block_read(dealing->reader, &block->frames, &dealing->error) != CAPTURE_FRAME)
        return false;
    glance_at(worker->finder, block->frames.frames, block->seen);
    capture_position(dealing->capture, &dealing->position, &size);
    block->n_bytes = dealing->position - before;
    block->n_pending = n_workers(dealing);
    return true;
}

/** With the lock held, which is given up meanwhile. */
static void read_next(const struct worker *worker)
{
    struct dealing *dealing = worker->dealing;
    dealing->is_reading = true;
    g_mutex_unlock(&dealing->lock);
    bool has_block = read_block(worker, block_at(dealing, dealing->n_read));
    g_mutex_lock(&dealing->lock);
    dealing->is_reading = false;
    dealing->n_read += has_block;
    dealing->at_end = dealing->at_end || !has_block;
    tell_change(dealing);
}

/** Waits for a block, or reads it, and one more, while the others search; NULL behind the last. */
static struct block *await_block(const struct worker *worker, uint64_t number)
{
    struct dealing *dealing = worker->dealing;
    g_mutex_lock(&dealing->lock);
    for (;;) {
        bool has_room = dealing->n_read - dealing->n_printed < N_BLOCKS;
        bool is_wanted = dealing->n_read <= number + 1 && !dealing->at_end;
        if (is_wanted && has_room && !dealing->is_reading)
            read_next(worker);
        else if (dealing->n_read > number || (dealing->at_end && !dealing->is_reading))
            break;
        else
            await_change(dealing);
    }
    struct block *next = dealing->n_read > number ? block_at(dealing, number) : NULL;
    g_mutex_unlock(&dealing->lock);
    return next;
}

/* -- Printing */

/** The place of the first line that is not printed; the highest where there is none. */
static uint64_t next_place(const part_lines *lines)
{
    return lines->n_printed < lines->ends->len
               ? g_array_index(lines->ends, line_end, lines->n_printed).place
               : UINT64_MAX;
}

static void print_next(const struct dealing *dealing, part_lines *lines)
{
    guint n = lines->n_printed++;
    size_t start = n > 0 ? g_array_index(lines->ends, line_end, n - 1).end : 0;
    size_t end = g_array_index(lines->ends, line_end, n).end;
    hits_print(dealing->search->hits, lines->text->str + start, end - start);
}

static void clear_lines(part_lines *lines)
{
    g_string_truncate(lines->text, 0);
    g_array_set_size(lines->ends, 0);
    lines->n_printed = 0;
}

/** The lines of all threads, in the order of their places. */
static void print_lines(const struct dealing *dealing, const struct block *block)
{
    for (;;) {
        part_lines *first = &block->parts[0];
        for (unsigned i = 1; i < n_workers(dealing); i++)
            if (next_place(&block->parts[i]) < next_place(first))
                first = &block->parts[i];
        if (next_place(first) == UINT64_MAX)
            break;
        print_next(dealing, first);
    }
    for (unsigned i = 0; i < n_workers(dealing); i++)
        clear_lines(&block->parts[i]);
}

/** Prints a block that all are done with; false where there is no need to read on. */
static bool print_block(const struct dealing *dealing, struct block *block)
{
    const dealt_search *search = dealing->search;
    print_lines(dealing, block);
    bool wanted = search->goes_on(block->n_bytes, block->frames.frames->len,
                                  (uint64_t)g_atomic_int_get(&block->n_hellos), search->data);
    g_atomic_int_set(&block->n_hellos, 0);
    return wanted && !hits_ended(search->hits);
}

/** Prints the oldest blocks, as far as all threads are done with them. With the lock held, which is
 * given up meanwhile. */
static void print_blocks(struct dealing *dealing)
{
    dealing->is_printing = true;
    while (dealing->n_printed < dealing->n_read &&
           block_at(dealing, dealing->n_printed)->n_pending == 0) {
        struct block *oldest = block_at(dealing, dealing->n_printed);
        g_mutex_unlock(&dealing->lock);
        bool wanted = print_block(dealing, oldest);
        g_mutex_lock(&dealing->lock);
        dealing->at_end = dealing->at_end || !wanted;
        dealing->n_printed++;
        tell_change(dealing);
    }
    dealing->is_printing = false;
}

static void finish_block(struct dealing *dealing, struct block *block)
{
    g_mutex_lock(&dealing->lock);
    if (--block->n_pending == 0 && !dealing->is_printing)
        print_blocks(dealing);
    g_mutex_unlock(&dealing->lock);
}

/* -- Searching */

static void note_line(void *data)
{
    const struct worker *worker = data;
    const line_end end = {finder_place(worker->finder), worker->lines->text->len};
    g_array_append_val(worker->lines->ends, end);
}

static void keep_lines_in(struct worker *worker, const struct block *block)
{
    worker->lines = &block->parts[worker->share];
    if (worker->lines->text == NULL) {
        worker->lines->text = g_string_sized_new(TEXT_SIZE);
        worker->lines->ends = g_array_new(FALSE, FALSE, sizeof(line_end));
    }
    hits_keep_in(worker->hits, worker->lines->text);
}

static void search_block(struct worker *worker, struct block *block)
{
    const GArray *frames = block->frames.frames;
    keep_lines_in(worker, block);
    finder_add_seen(worker->finder, (frame *)(void *)frames->data,
                    (glance *)(void *)block->seen->data, frames->len);
    uint64_t n_hellos = finder_counted(worker->finder).hellos;
    g_atomic_int_add(&block->n_hellos, (gint)(n_hellos - worker->n_hellos));
    worker->n_hellos = n_hellos;
}

/** What one thread does. */
static gpointer work(gpointer data)
{
    struct worker *worker = data;
    struct dealing *dealing = worker->dealing;
    const dealt_search *search = dealing->search;
    finder_limits limits = dealing->limits;
    limits.share = worker->share;
    worker->context = tlsfp_context_new();
    worker->hits = hits_new_part(search->hits, worker->context, note_line, worker);
    worker->finder = finder_new(&limits, worker->context, hits_add, worker->hits);
    struct block *block;
    for (uint64_t number = 0; (block = await_block(worker, number)) != NULL; number++) {
        search_block(worker, block);
        finish_block(dealing, block);
    }
    keep_lines_in(worker, &dealing->last);
    finder_end(worker->finder);
    return NULL;
}

/* -- Whether it pays */

static void ignore(const found_hello *found, void *data)
{
    (void)found;
    (void)data;
}

/** Passes over frames: those that come first may be the start of all that goes on. */
static bool pass_first(struct capture *capture, GArray *frames)
{
    guint n = 0;
    while (n < N_SAMPLE && capture_next_some(capture, SOME, frames, NULL) == CAPTURE_FRAME)
        n += frames->len;
    return n >= N_SAMPLE;
}

/** Whether there are enough hellos in the next ones. */
static bool has_hellos(struct finder *finder, struct capture *capture, GArray *frames)
{
    finder_counts counts = {0};
    while (counts.frames < N_SAMPLE && counts.hellos < N_SAMPLE / RARELY &&
           capture_next_some(capture, SOME, frames, NULL) == CAPTURE_FRAME) {
        finder_add_all(finder, (frame *)(void *)frames->data, frames->len);
        counts = finder_counted(finder);
    }
    return counts.hellos * RARELY >= counts.frames;
}

bool dealing_pays(const search_run *run, const char *file)
{
    struct capture *capture = capture_open(file, NULL);
    if (capture == NULL)
        return false;
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(frame));
    tlsfp_context *context = tlsfp_context_new();
    finder_limits limits = run_limits(run, SAMPLE_MEMORY);
    struct finder *finder = finder_new(&limits, context, ignore, NULL);
    bool is_short = !pass_first(capture, frames),
         pays = is_short || has_hellos(finder, capture, frames);
    finder_free(finder);
    tlsfp_context_free(context);
    g_array_free(frames, TRUE);
    capture_close(capture);
    return pays;
}

/* -- Start and end */

static void init_block(struct block *block, unsigned n_parts)
{
    block_init(&block->frames);
    block->seen = g_array_sized_new(FALSE, FALSE, sizeof(glance), BLOCK_FRAMES);
    block->parts = g_new0(part_lines, n_parts);
}

static void clear_block(const struct block *block, unsigned n_parts)
{
    block_clear(&block->frames);
    g_array_free(block->seen, TRUE);
    for (unsigned i = 0; i < n_parts; i++)
        if (block->parts[i].text != NULL) {
            g_string_free(block->parts[i].text, TRUE);
            g_array_free(block->parts[i].ends, TRUE);
        }
    g_free(block->parts);
}

static struct dealing *dealing_new(const dealt_search *search)
{
    struct dealing *dealing = g_new0(struct dealing, 1);
    dealing->search = search;
    dealing->limits = run_limits(search->run, search->run->shares.finder);
    dealing->limits.n_shares = search->run->options->n_threads;
    g_mutex_init(&dealing->lock);
    g_cond_init(&dealing->changed);
    for (int i = 0; i < N_BLOCKS; i++)
        init_block(&dealing->blocks[i], n_workers(dealing));
    init_block(&dealing->last, n_workers(dealing));
    dealing->capture = capture_open(search->file, &dealing->error);
    dealing->at_end = dealing->capture == NULL;
    if (dealing->capture != NULL)
        dealing->reader = block_reader_new(dealing->capture);
    return dealing;
}

static void dealing_free(struct dealing *dealing)
{
    block_reader_free(dealing->reader);
    for (int i = 0; i < N_BLOCKS; i++)
        clear_block(&dealing->blocks[i], n_workers(dealing));
    clear_block(&dealing->last, n_workers(dealing));
    capture_close(dealing->capture);
    g_mutex_clear(&dealing->lock);
    g_cond_clear(&dealing->changed);
    g_free(dealing);
}

/**
 * The calling thread is one of the workers. No memory goes from one to another in small pieces,
 * such as a name: whoever frees them uses them again, and all that grows out of them contends for
 * the other's heap.
 */
static void run_workers(struct worker *workers, unsigned n)
{
    for (unsigned i = 1; i < n; i++)
        workers[i].thread = g_thread_new(NULL, work, &workers[i]);
    work(&workers[0]);
    for (unsigned i = 1; i < n; i++)
        g_thread_join(workers[i].thread);
}

static struct worker *workers_new(struct dealing *dealing)
{
    struct worker *workers = g_new0(struct worker, n_workers(dealing));
    for (unsigned i = 0; i < n_workers(dealing); i++) {
        workers[i].dealing = dealing;
        workers[i].share = i;
    }
    return workers;
}

/** Adds up what they have counted. */
static void end_workers(struct worker *workers, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        hits_end(workers[i].hits, workers[i].finder, 0);
        finder_free(workers[i].finder);
        tlsfp_context_free(workers[i].context);
    }
    g_free(workers);
}

void search_dealt(const dealt_search *search)
{
    struct dealing *dealing = dealing_new(search);
    struct worker *workers = workers_new(dealing);
    run_workers(workers, n_workers(dealing));
    print_lines(dealing, &dealing->last);
    if (dealing->error != NULL) {
        hits_say(search->hits, dealing->error->message);
        g_error_free(dealing->error);
    }
    end_workers(workers, n_workers(dealing));
    dealing_free(dealing);
}
