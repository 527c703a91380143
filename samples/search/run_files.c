/* SPDX-License-Identifier: BSD-3-Clause */
#include "runs.h"

#include <sys/stat.h>
#include <unistd.h>

#include "captures.h"
#include "hits.h"

enum { CHECK_EVERY = 1024 }; /* packets between two looks at the clock */

/** The captures, handed out to threads one by one. */
typedef struct {
    search_run *run;
    guint next;
    GMutex lock;
} file_queue;

/** One capture while it is searched. */
typedef struct {
    search_run *run;
    struct capture *opened;
    file_hits *hits;
    struct finder *search;
    bool keeps;                         /* the packets go to the keeper as they come */
    uint64_t position, packets, hellos; /* as far as the progress bar knows of them */
} file_search;

static void report_progress(file_search *reading)
{
    uint64_t position, size;
    if (reading->run->bar == NULL)
        return;
    finder_counts counts = finder_counted(reading->search);
    capture_position(reading->opened, &position, &size);
    progress_add(reading->run->bar, position - reading->position, counts.frames - reading->packets,
                 counts.hellos - reading->hellos);
    reading->position = position;
    reading->packets = counts.frames;
    reading->hellos = counts.hellos;
}

/** Searches the capture from its start to its end, or to where it cannot be read on. */
static bool read_all(file_search *reading, GError **error)
{
    frame packet;
    capture_result result = CAPTURE_END;
    for (unsigned n = 1; !hits_ended(reading->hits); n++) {
        result = capture_next(reading->opened, &packet, error);
        if (result != CAPTURE_FRAME)
            break;
        finder_add(reading->search, &packet);
        if (reading->keeps)
            keeper_add(reading->run->packets, &packet);
        if (n % CHECK_EVERY == 0)
            report_progress(reading);
    }
    finder_end(reading->search);
    report_progress(reading);
    return result != CAPTURE_FAILED;
}

/** What of the limits is for one of the threads. */
static finder_limits limits_of(const search_run *run)
{
    finder_limits limits = run->options->limits;
    limits.memory = run->shares.finder;
    return limits;
}

static void search_opened(file_search *reading, tlsfp_context *context)
{
    GError *error = NULL;
    finder_limits limits = limits_of(reading->run);
    reading->search = finder_new(&limits, context, hits_add, reading->hits);
    if (reading->keeps)
        finder_watch(reading->search, keeper_see, reading->run->packets);
    if (!read_all(reading, &error))
        run_error(reading->run, error);
}

/** Searches one capture; @p hits is done with then. */
static void search_file(search_run *run, tlsfp_context *context, const char *file, file_hits *hits)
{
    GError *error = NULL;
    file_search reading = {.run = run, .hits = hits, .opened = capture_open(file, &error)};
    reading.keeps = run->packets != NULL && packets_come_once(run->options);
    if (reading.opened != NULL)
        search_opened(&reading, context);
    else
        run_error(run, error);
    hits_end(hits, reading.search, 0);
    finder_free(reading.search);
    capture_close(reading.opened);
}

/** Takes the next capture, and its place in the output; NULL when there is none. */
static file_hits *take_next(file_queue *queue, tlsfp_context *context, const char **out_file)
{
    const GPtrArray *files = queue->run->options->files;
    file_hits *hits = NULL;
    g_mutex_lock(&queue->lock);
    if (queue->next < files->len && !output_failed(queue->run->out)) {
        *out_file = g_ptr_array_index(files, queue->next++);
        hits = hits_new(queue->run, context, *out_file);
    }
    g_mutex_unlock(&queue->lock);
    return hits;
}

static gpointer search_files(gpointer data)
{
    file_queue *queue = data;
    tlsfp_context *context = tlsfp_context_new();
    const char *file;
    file_hits *hits;
    while ((hits = take_next(queue, context, &file)) != NULL)
        search_file(queue->run, context, file, hits);
    tlsfp_context_free(context);
    return NULL;
}

/** The thread that calls it is one of them. */
static void search_in_threads(file_queue *queue, unsigned n_threads)
{
    GPtrArray *others = g_ptr_array_new();
    for (unsigned i = 1; i < n_threads; i++)
        g_ptr_array_add(others, g_thread_new("search", search_files, queue));
    search_files(queue);
    for (guint i = 0; i < others->len; i++)
        g_thread_join(g_ptr_array_index(others, i));
    g_ptr_array_free(others, TRUE);
}

static void ignore(const found_hello *found, void *data)
{
    (void)found;
    (void)data;
}

/** Goes through a capture once more, for the packets of the connections found. What is wrong with
 * it was said the first time. */
static void write_packets(search_run *run, tlsfp_context *context, const char *file)
{
    frame packet;
    struct capture *opened = capture_open(file, NULL);
    if (opened == NULL)
        return;
    struct finder *search = finder_new(&run->options->limits, context, ignore, NULL);
    finder_watch(search, keeper_see, run->packets);
    while (capture_next(opened, &packet, NULL) == CAPTURE_FRAME) {
        finder_add(search, &packet);
        keeper_add(run->packets, &packet);
    }
    finder_free(search);
    capture_close(opened);
}

static uint64_t size_of(const search_options *options)
{
    uint64_t size = 0;
    struct stat status;
    for (guint i = 0; i < options->files->len; i++)
        if (stat(g_ptr_array_index(options->files, i), &status) == 0 && S_ISREG(status.st_mode))
            size += (uint64_t)status.st_size;
    return size;
}

static progress_bar *make_bar(const search_options *options)
{
    uint64_t size = options->quiet || !isatty(STDERR_FILENO) ? 0 : size_of(options);
    return size > 0 ? progress_new(STDERR_FILENO, size) : NULL;
}

/** Where the packets of the connections found did not go to the keeper as they came. */
static void write_packets_of_all(search_run *run)
{
    const GPtrArray *files = run->options->files;
    if (run->packets == NULL || run->sums.fitting == 0 || packets_come_once(run->options))
        return;
    tlsfp_context *context = tlsfp_context_new();
    for (guint i = 0; i < files->len; i++)
        write_packets(run, context, g_ptr_array_index(files, i));
    tlsfp_context_free(context);
}

int run_files(const search_options *options, GError **error)
{
    search_run *run = run_new(options, error);
    if (run == NULL)
        return STATUS_TROUBLE;
    file_queue queue = {.run = run};
    g_mutex_init(&queue.lock);
    run_show(run, make_bar(options));
    search_in_threads(&queue, MIN(options->n_threads, options->files->len));
    write_packets_of_all(run);
    g_mutex_clear(&queue.lock);
    return run_end(run);
}
