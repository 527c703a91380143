/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/answers.h"

enum {
    MAX_WAITING = 65536,
    OVERHEAD = 64, /* of allocations and the table */
};

static const int64_t MAX_WAIT_NS = INT64_C(10) * 1000 * 1000 * 1000;

/** A hello that waits, or is answered and waits for those before it. */
typedef struct waiting_hello {
    struct waiting_hello *next;      /* in the order in which they came */
    struct waiting_hello *same_flow; /* the next of this flow that is not answered */
    struct waiting_hello *last;      /* of this flow; where this one is the first */
    uint64_t key;
    frame frame;
    endpoints ends;
    tlsfp_transport transport;
    bool is_retry, is_settled;
    size_t len, answer_len;
    uint8_t *message, *answer; /* owned */
} waiting_hello;

struct answers {
    size_t limit, memory, n_waiting;
    void (*found)(const found_hello *, void *data);
    void *data;
    waiting_hello *oldest, *newest;
    GHashTable *by_flow; /* key to the oldest one that is not settled; keys are hashes already */
};

struct answers *answers_new(size_t memory, void (*found)(const found_hello *, void *data),
                            void *data)
{
    struct answers *answers = g_new0(struct answers, 1);
    answers->limit = memory;
    answers->found = found;
    answers->data = data;
    answers->by_flow = g_hash_table_new(g_int64_hash, g_int64_equal);
    return answers;
}

static size_t weight(const waiting_hello *hello)
{
    return sizeof *hello + OVERHEAD + hello->len + hello->answer_len;
}

static waiting_hello *take_oldest(struct answers *answers)
{
    waiting_hello *hello = answers->oldest;
    answers->oldest = hello->next;
    if (hello->next == NULL)
        answers->newest = NULL;
    answers->memory -= weight(hello);
    answers->n_waiting--;
    return hello;
}

static void free_hello(waiting_hello *hello)
{
    g_free(hello->message);
    g_free(hello->answer);
    g_free(hello);
}

void answers_free(struct answers *answers)
{
    if (answers == NULL)
        return;
    while (answers->oldest != NULL)
        free_hello(take_oldest(answers));
    g_hash_table_unref(answers->by_flow);
    g_free(answers);
}

/** The oldest of its flow is settled: the next one waits from here on. */
static void settle(struct answers *answers, waiting_hello *hello)
{
    hello->is_settled = true;
    g_hash_table_remove(answers->by_flow, &hello->key);
    waiting_hello *next = hello->same_flow;
    if (next == NULL)
        return;
    next->last = hello->last;
    g_hash_table_insert(answers->by_flow, &next->key, next);
}

static waiting_hello *of_flow(const struct answers *answers, uint64_t key)
{
    return g_hash_table_lookup(answers->by_flow, &key);
}

static void tell(const struct answers *answers, const waiting_hello *hello)
{
    tlsfp_client_hello client;
    tlsfp_server_hello server;
    const tlsfp_span message = {hello->message, hello->len},
                     answer = {hello->answer, hello->answer_len};
    bool is_answered =
        hello->answer != NULL && tlsfp_parse_server(answer, hello->transport, &server) == TLSFP_OK;
    if (tlsfp_parse(message, hello->transport, &client) != TLSFP_OK)
        return;
    const found_hello found = {
        .frame = &hello->frame,
        .ends = &hello->ends,
        .hello = &client,
        .answer = is_answered ? &server : NULL,
        .is_retry = hello->is_retry,
    };
    answers->found(&found, answers->data);
}

/** Hands out those in front that are settled, and more where too many wait. */
static void hand_out(struct answers *answers)
{
    while (answers->oldest != NULL &&
           (answers->oldest->is_settled || answers->n_waiting > MAX_WAITING ||
            answers->memory > answers->limit)) {
        if (!answers->oldest->is_settled)
            settle(answers, answers->oldest);
        waiting_hello *hello = take_oldest(answers);
        tell(answers, hello);
        free_hello(hello);
    }
}

static void enter_flow(struct answers *answers, waiting_hello *hello)
{
    waiting_hello *first = of_flow(answers, hello->key);
    if (first == NULL) {
        first = hello;
        g_hash_table_insert(answers->by_flow, &hello->key, hello);
    } else
        first->last->same_flow = hello;
    first->last = hello;
}

/** A client says no other hello before it was answered, but for those in the same packet: the
 * answer is not in the capture, or none that counts here (HelloVerifyRequest). */
static void give_up_older(struct answers *answers, uint64_t key, const frame *packet)
{
    waiting_hello *before = of_flow(answers, key);
    if (before != NULL && before->frame.number != packet->number)
        answers_give_up(answers, key);
}

void answers_wait(struct answers *answers, uint64_t key, const found_hello *hello)
{
    give_up_older(answers, key, hello->frame);
    waiting_hello *waiting = g_new0(waiting_hello, 1);
    waiting->key = key;
    waiting->frame = *hello->frame;
    waiting->frame.bytes = (tlsfp_span){NULL, 0};
    waiting->ends = *hello->ends;
    waiting->transport = hello->hello->transport;
    waiting->is_retry = hello->is_retry;
    waiting->len = hello->hello->message.len;
    waiting->message = g_memdup2(hello->hello->message.data, waiting->len);
    if (answers->newest != NULL)
        answers->newest->next = waiting;
    else
        answers->oldest = waiting;
    answers->newest = waiting;
    answers->n_waiting++;
    answers->memory += weight(waiting);
    enter_flow(answers, waiting);
    hand_out(answers);
}

bool answers_is_due(const struct answers *answers, uint64_t key)
{
    return of_flow(answers, key) != NULL;
}

bool answers_add(struct answers *answers, uint64_t key, tlsfp_span message,
                 tlsfp_transport transport, bool *out_retry)
{
    tlsfp_server_hello server;
    waiting_hello *hello = of_flow(answers, key);
    if (hello == NULL || tlsfp_parse_server(message, transport, &server) != TLSFP_OK)
        return false;
    *out_retry = tlsfp_is_retry_request(&server);
    hello->answer_len = server.message.len;
    hello->answer = g_memdup2(server.message.data, server.message.len);
    answers->memory += hello->answer_len;
    settle(answers, hello);
    hand_out(answers);
    return true;
}

void answers_give_up(struct answers *answers, uint64_t key)
{
    waiting_hello *hello;
    while ((hello = of_flow(answers, key)) != NULL)
        settle(answers, hello);
    hand_out(answers);
}

void answers_expire(struct answers *answers, int64_t now_ns)
{
    while (answers->oldest != NULL && now_ns - answers->oldest->frame.time_ns > MAX_WAIT_NS) {
        settle(answers, answers->oldest);
        hand_out(answers);
    }
}

void answers_end(struct answers *answers)
{
    while (answers->oldest != NULL) {
        settle(answers, answers->oldest);
        hand_out(answers);
    }
}
