/* SPDX-License-Identifier: BSD-3-Clause */
#include "runs.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "captures.h"
#include "hits.h"
#include "run_dealt.h"

enum { N_TOGETHER = 256 }; /* looked into together */

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
    const char *file;
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

static volatile sig_atomic_t interrupted; /* by which signal; 0: by none */

static void interrupt(int signal_number)
{
    interrupted = signal_number;
}

/** The first signal ends the reading; a second one the program. */
static void handle_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

/** Looks into frames that were read. */
static void add_frames(const file_search *reading, const GArray *frames)
{
    frame *packets = (frame *)(void *)frames->data;
    for (guint i = 0; i < frames->len; i++)
        packets[i].file = reading->file;
    if (!reading->keeps)
        finder_add_all(reading->search, packets, frames->len);
    for (guint i = 0; reading->keeps && i < frames->len; i++) {
        finder_add(reading->search, &packets[i]);
        keeper_add(reading->run->packets, &packets[i]);
    }
}

/** Reads the capture from its start to its end, or to where it cannot be read on. */
static bool read_frames(file_search *reading, GError **error)
{
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(frame));
    capture_result result = CAPTURE_END;
    reading->position = 0;
    while (!hits_ended(reading->hits) && !interrupted) {
        result = capture_next_some(reading->opened, N_TOGETHER, frames, error);
        if (result != CAPTURE_FRAME)
            break;
        add_frames(reading, frames);
        report_progress(reading);
    }
    report_progress(reading);
    g_array_free(frames, TRUE);
    return result != CAPTURE_FAILED;
}

static void report(const file_hits *hits, GError *error)
{
    hits_say(hits, error->message);
    g_error_free(error);
}

static void start_search(file_search *reading, tlsfp_context *context)
{
    finder_limits limits = run_limits(reading->run, reading->run->shares.finder);
    reading->keeps = reading->run->packets != NULL && packets_come_once(reading->run->options);
    reading->search = finder_new(&limits, context, hits_add, reading->hits);
    if (reading->keeps)
        finder_watch(reading->search, keeper_see, reading->run->packets);
}

/** Reads one capture. */
static void read_file(file_search *reading, const char *file)
{
    GError *error = NULL;
    reading->file = file;
    reading->opened = capture_open(file, &error);
    bool fine = reading->opened != NULL && read_frames(reading, &error);
    if (!fine)
        report(reading->hits, error);
    capture_close(reading->opened);
}

/** Ends the search: looks at what waits for more packets as it is. */
static void end_search(file_search *reading)
{
    finder_end(reading->search);
    hits_end(reading->hits, reading->search, 0);
    finder_free(reading->search);
}

static bool go_on(uint64_t n_bytes, uint64_t n_packets, uint64_t n_hellos, void *data)
{
    const search_run *run = data;
    if (run->bar != NULL)
        progress_add(run->bar, n_bytes, n_packets, n_hellos);
    return !interrupted;
}

/** Searches one capture; @p hits is done with then. */
static void search_file(search_run *run, tlsfp_context *context, const char *file, file_hits *hits)
{
    if (run_is_dealt(run->options) && dealing_pays(run, file)) {
        const dealt_search search = {run, file, hits, go_on, run};
        search_dealt(&search);
        hits_end(hits, NULL, 0);
        return;
    }
    file_search reading = {.run = run, .hits = hits};
    start_search(&reading, context);
    read_file(&reading, file);
    end_search(&reading);
}

/** Searches all files as one capture. */
static void search_joined(search_run *run)
{
    const GPtrArray *files = run->options->files;
    tlsfp_context *context = tlsfp_context_new();
    file_search reading = {.run = run, .hits = hits_new(run, context, NULL)};
    start_search(&reading, context);
    for (guint i = 0; i < files->len && !interrupted && !hits_ended(reading.hits); i++) {
        const char *file = g_ptr_array_index(files, i);
        hits_set_file(reading.hits, file);
        read_file(&reading, file);
    }
    end_search(&reading);
    tlsfp_context_free(context);
}

/** Takes the next capture, and its place in the output; NULL when there is none. */
static file_hits *take_next(file_queue *queue, tlsfp_context *context, const char **out_file)
{
    const GPtrArray *files = queue->run->options->files;
    file_hits *hits = NULL;
    g_mutex_lock(&queue->lock);
    if (queue->next < files->len && !interrupted && !output_failed(queue->run->out)) {
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

/** The calling thread is one of them. */
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
 * it was said the first time. Takes what was read from @p left. */
static void write_packets(search_run *run, tlsfp_context *context, const char *file, uint64_t *left)
{
    frame packet;
    struct capture *capture = *left > 0 ? capture_open(file, NULL) : NULL;
    if (capture == NULL)
        return;
    finder_limits limits = run_limits(run, run->shares.finder);
    limits.answers = limits.all_copies = false;
    struct finder *finder = finder_new(&limits, context, ignore, NULL);
    finder_watch(finder, keeper_see, run->packets);
    for (; *left > 0 && capture_next(capture, &packet, NULL) == CAPTURE_FRAME; --*left) {
        finder_add(finder, &packet);
        keeper_add(run->packets, &packet);
    }
    finder_free(finder);
    capture_close(capture);
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

/** The reader of a pipe may print to the same terminal. */
static bool goes_through_pipe(void)
{
    struct stat status;
    return fstat(STDOUT_FILENO, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

static progress_bar *make_bar(const search_options *options)
{
    bool wanted = !options->quiet && isatty(STDERR_FILENO) && !goes_through_pipe();
    uint64_t size = wanted ? size_of(options) : 0;
    return size > 0 ? progress_new(STDERR_FILENO, size) : NULL;
}

/** Where the packets of the connections found did not go to the keeper as they came. */
static void write_packets_of_all(search_run *run)
{
    const GPtrArray *files = run->options->files;
    if (run->packets == NULL || run->sums.fitting == 0 || packets_come_once(run->options))
        return;
    tlsfp_context *context = tlsfp_context_new();
    uint64_t left = run->sums.packets; /* no more than were read, where a signal ended that */
    for (guint i = 0; i < files->len; i++)
        write_packets(run, context, g_ptr_array_index(files, i), &left);
    tlsfp_context_free(context);
}

int run_files(const search_options *options, GError **error)
{
    search_run *run = run_new(options, error);
    if (run == NULL)
        return STATUS_TROUBLE;
    file_queue queue = {.run = run};
    g_mutex_init(&queue.lock);
    handle_signals();
    run_show(run, make_bar(options));
    if (options->join)
        search_joined(run);
    else
        search_in_threads(&queue, MIN(options->n_threads, options->files->len));
    write_packets_of_all(run);
    g_mutex_clear(&queue.lock);
    int status = run_end(run);
    return interrupted && status != STATUS_UNREAD ? STATUS_INTERRUPTED + interrupted : status;
}
