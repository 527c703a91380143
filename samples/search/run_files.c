/* SPDX-License-Identifier: BSD-3-Clause */
#include "runs.h"

#include <sys/stat.h>
#include <unistd.h>

#include "hits.h"
#include "read/capture.h"

enum { CHECK_EVERY = 1024 }; /* packets between two looks at the clock */

/** The captures, handed out to threads one by one. */
typedef struct {
    search_run *run;
    guint next;
    GMutex lock;
} work;

/** One capture while it is searched. */
typedef struct {
    search_run *run;
    capture *opened;
    hits *of;
    finder *search;
    bool keeps;                         /* the packets go to the keeper as they come */
    uint64_t position, packets, hellos; /* as far as the progress bar knows of them */
} reading;

static void report_progress(reading *at)
{
    uint64_t position, size;
    if (at->run->bar == NULL)
        return;
    finder_counts counts = finder_counted(at->search);
    capture_position(at->opened, &position, &size);
    progress_add(at->run->bar, position - at->position, counts.frames - at->packets,
                 counts.hellos - at->hellos);
    at->position = position;
    at->packets = counts.frames;
    at->hellos = counts.hellos;
}

/** Searches the capture from its start to its end, or to where it cannot be read on. */
static bool read_all(reading *at, GError **error)
{
    frame packet;
    capture_result result = CAPTURE_END;
    for (unsigned n = 1; !hits_ended(at->of); n++) {
        result = capture_next(at->opened, &packet, error);
        if (result != CAPTURE_FRAME)
            break;
        finder_add(at->search, &packet);
        if (at->keeps)
            keeper_add(at->run->packets, &packet);
        if (n % CHECK_EVERY == 0)
            report_progress(at);
    }
    finder_end(at->search);
    report_progress(at);
    return result != CAPTURE_FAILED;
}

/** What of the limits is for one of the threads. */
static finder_limits limits_of(const options *asked)
{
    finder_limits limits = asked->limits;
    limits.memory /= asked->n_threads;
    return limits;
}

static void search_opened(reading *at, tlsfp_context *context)
{
    GError *error = NULL;
    finder_limits limits = limits_of(at->run->asked);
    at->search = finder_new(&limits, context, hits_add, at->of);
    if (at->keeps)
        finder_watch(at->search, keeper_see, at->run->packets);
    if (!read_all(at, &error))
        run_error(at->run, error);
}

/** Searches one capture; @p of is done with then. */
static void search_file(search_run *run, tlsfp_context *context, const char *file, hits *of)
{
    GError *error = NULL;
    reading at = {.run = run, .of = of, .opened = capture_open(file, &error)};
    at.keeps = run->packets != NULL && reads_standard_input(run->asked);
    if (at.opened != NULL)
        search_opened(&at, context);
    else
        run_error(run, error);
    hits_end(of, at.search, 0);
    finder_free(at.search);
    capture_close(at.opened);
}

/** Takes the next capture, and its place in the output; NULL when there is none. */
static hits *take_next(work *all, tlsfp_context *context, const char **out_file)
{
    const GPtrArray *files = all->run->asked->files;
    hits *of = NULL;
    g_mutex_lock(&all->lock);
    if (all->next < files->len && !output_failed(all->run->out)) {
        *out_file = g_ptr_array_index(files, all->next++);
        of = hits_new(all->run, context, *out_file);
    }
    g_mutex_unlock(&all->lock);
    return of;
}

static gpointer search_files(gpointer data)
{
    work *all = data;
    tlsfp_context *context = tlsfp_context_new();
    const char *file;
    hits *of;
    while ((of = take_next(all, context, &file)) != NULL)
        search_file(all->run, context, file, of);
    tlsfp_context_free(context);
    return NULL;
}

/** The thread that calls it is one of them. */
static void search_in_threads(work *all, unsigned n_threads)
{
    GPtrArray *others = g_ptr_array_new();
    for (unsigned i = 1; i < n_threads; i++)
        g_ptr_array_add(others, g_thread_new("search", search_files, all));
    search_files(all);
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
    capture *opened = capture_open(file, NULL);
    if (opened == NULL)
        return;
    finder *search = finder_new(&run->asked->limits, context, ignore, NULL);
    finder_watch(search, keeper_see, run->packets);
    while (capture_next(opened, &packet, NULL) == CAPTURE_FRAME) {
        finder_add(search, &packet);
        keeper_add(run->packets, &packet);
    }
    finder_free(search);
    capture_close(opened);
}

static uint64_t size_of(const options *asked)
{
    uint64_t size = 0;
    struct stat status;
    for (guint i = 0; i < asked->files->len; i++)
        if (stat(g_ptr_array_index(asked->files, i), &status) == 0 && S_ISREG(status.st_mode))
            size += (uint64_t)status.st_size;
    return size;
}

static progress *make_bar(const options *asked)
{
    uint64_t size = asked->quiet || !isatty(STDERR_FILENO) ? 0 : size_of(asked);
    return size > 0 ? progress_new(STDERR_FILENO, size) : NULL;
}

/** Where the packets of the connections found did not go to the keeper as they came. */
static void write_packets_of_all(search_run *run)
{
    const GPtrArray *files = run->asked->files;
    if (run->packets == NULL || run->sums.fitting == 0 || reads_standard_input(run->asked))
        return;
    tlsfp_context *context = tlsfp_context_new();
    for (guint i = 0; i < files->len; i++)
        write_packets(run, context, g_ptr_array_index(files, i));
    tlsfp_context_free(context);
}

int run_files(const options *asked, GError **error)
{
    search_run *run = run_new(asked, error);
    if (run == NULL)
        return STATUS_TROUBLE;
    work all = {.run = run};
    g_mutex_init(&all.lock);
    run_show(run, make_bar(asked));
    search_in_threads(&all, MIN(asked->n_threads, asked->files->len));
    write_packets_of_all(run);
    g_mutex_clear(&all.lock);
    return run_end(run);
}
