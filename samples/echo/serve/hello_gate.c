/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/hello_gate.h"

#include <errno.h>
#include <openssl/ssl3.h>
#include <string.h>
#include <sys/socket.h>
#include <tlsfp/reader.h>

enum { READ_AT_ONCE = 16 * 1024 };

typedef enum { HOLDS_FIRST, HOLDS_SECOND, OPEN } gate_state;

struct hello_gate {
    int fd;
    size_t limit;
    hello_gate_events events;
    gate_state state;
    bool retried, refused, at_end;
    uint16_t record_version;
    GByteArray *first;   /* the first hello */
    GByteArray *message; /* the hello that is incomplete, or NULL */
    GByteArray *held;    /* bytes that OpenSSL has not read, or NULL */
    size_t n_read;       /* of held: read by OpenSSL */
    size_t n_passed;     /* of held: OpenSSL may read them */
    uint8_t header[SSL3_RT_HEADER_LENGTH];
    size_t n_header; /* bytes of the record header */
    size_t n_left;   /* of the current record */
};

hello_gate *hello_gate_new(int fd, size_t limit, const hello_gate_events *events)
{
    hello_gate *gate = g_new0(hello_gate, 1);
    gate->fd = fd;
    gate->limit = limit;
    gate->events = *events;
    return gate;
}

static void clear(GByteArray **array)
{
    g_clear_pointer(array, g_byte_array_unref);
}

void hello_gate_free(hello_gate *gate)
{
    if (gate == NULL)
        return;
    clear(&gate->first);
    clear(&gate->message);
    clear(&gate->held);
    g_free(gate);
}

tlsfp_span hello_gate_message(const hello_gate *gate)
{
    return gate->first != NULL ? (tlsfp_span){gate->first->data, gate->first->len}
                               : (tlsfp_span){NULL, 0};
}

uint16_t hello_gate_record_version(const hello_gate *gate)
{
    return gate->record_version;
}

bool hello_gate_retried(const hello_gate *gate)
{
    return gate->retried;
}

/* -- records: RFC 8446 5.1 */

static void open_gate(hello_gate *gate)
{
    gate->state = OPEN;
    clear(&gate->message);
}

static void refuse(hello_gate *gate)
{
    gate->refused = true;
    gate->events.too_long(gate->events.data);
}

static void end_message(hello_gate *gate, bool alone)
{
    if (gate->state == HOLDS_FIRST) {
        gate->first = g_steal_pointer(&gate->message);
        gate->state = HOLDS_SECOND;
        gate->events.hello(gate->events.data);
    } else {
        gate->retried = true;
        open_gate(gate);
    }
    if (!alone) /* another message in the same record: OpenSSL refuses it */
        open_gate(gate);
}

/** Looks at the bytes of a message that have come. */
static void check_message(hello_gate *gate)
{
    tlsfp_span rest = {gate->message->data, gate->message->len};
    uint8_t type;
    uint64_t len;
    if (!take_u8(&rest, &type))
        return;
    if (type != SSL3_MT_CLIENT_HELLO)
        open_gate(gate);
    else if (!take_integer(&rest, 3, &len))
        return;
    else if (SSL3_HM_HEADER_LENGTH + len > gate->limit)
        refuse(gate);
    else if (rest.len >= len) {
        const bool alone = rest.len == len && gate->n_left == 0;
        g_byte_array_set_size(gate->message, (guint)(SSL3_HM_HEADER_LENGTH + len));
        end_message(gate, alone);
    }
}

static void begin_record(hello_gate *gate)
{
    tlsfp_span rest = {gate->header, sizeof gate->header};
    uint8_t type;
    uint16_t version, len;
    if (!take_u8(&rest, &type) || !take_u16(&rest, &version) || !take_u16(&rest, &len))
        g_assert_not_reached();
    if (gate->record_version == 0)
        gate->record_version = version;
    if (type == SSL3_RT_APPLICATION_DATA || len > SSL3_RT_MAX_ENCRYPTED_LENGTH ||
        (gate->message != NULL && type != SSL3_RT_HANDSHAKE))
        open_gate(gate);
    gate->n_left = len;
    gate->n_header = len > 0 ? gate->n_header : 0;
}

static void take_header(hello_gate *gate, tlsfp_span *bytes)
{
    const tlsfp_span part = take_up_to(bytes, sizeof gate->header - gate->n_header);
    memcpy(gate->header + gate->n_header, part.data, part.len);
    gate->n_header += part.len;
    if (gate->n_header == sizeof gate->header)
        begin_record(gate);
}

static void take_body(hello_gate *gate, tlsfp_span *bytes)
{
    const tlsfp_span part = take_up_to(bytes, gate->n_left);
    gate->n_left -= part.len;
    if (gate->n_left == 0)
        gate->n_header = 0;
    if (gate->header[0] != SSL3_RT_HANDSHAKE) /* an alert, or a ChangeCipherSpec */
        return;
    if (gate->message == NULL)
        gate->message = g_byte_array_new();
    g_byte_array_append(gate->message, part.data, (guint)part.len);
    check_message(gate);
}

/** Looks through bytes that came; what belongs to no incomplete hello may pass. */
static void look_through(hello_gate *gate, tlsfp_span bytes)
{
    while (bytes.len > 0 && gate->state != OPEN && !gate->refused) {
        if (gate->n_left == 0)
            take_header(gate, &bytes);
        else
            take_body(gate, &bytes);
        const bool in_header = gate->n_left == 0 && gate->n_header > 0;
        const bool in_hello = gate->n_left > 0 && gate->header[0] == SSL3_RT_HANDSHAKE;
        if (gate->message == NULL && !in_header && !in_hello)
            gate->n_passed = gate->held->len - bytes.len;
    }
    if (gate->state == OPEN)
        gate->n_passed = gate->held->len;
}

/* -- BIO */

/** @return as recv(). */
static ssize_t receive(hello_gate *gate, BIO *bio, void *out, size_t size)
{
    const ssize_t n = recv(gate->fd, out, size, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    gate->at_end |= n == 0;
    return n;
}

/** @return whether bytes came. */
static bool fill(hello_gate *gate, BIO *bio, int *out_result)
{
    uint8_t bytes[READ_AT_ONCE];
    const ssize_t n = receive(gate, bio, bytes, sizeof bytes);
    *out_result = (int)n;
    if (n <= 0)
        return false;
    if (gate->held == NULL)
        gate->held = g_byte_array_new();
    g_byte_array_append(gate->held, bytes, (guint)n);
    look_through(gate, (tlsfp_span){bytes, (size_t)n});
    return true;
}

static size_t give(hello_gate *gate, void *out, size_t size)
{
    const size_t n = MIN(size, gate->n_passed - gate->n_read);
    memcpy(out, gate->held->data + gate->n_read, n);
    gate->n_read += n;
    if (gate->n_read == gate->held->len) {
        clear(&gate->held);
        gate->n_read = gate->n_passed = 0;
    }
    return n;
}

static int read_bio(BIO *bio, char *out, int size)
{
    hello_gate *gate = BIO_get_data(bio);
    int result;
    BIO_clear_retry_flags(bio);
    if (size <= 0)
        return 0;
    if (gate->held == NULL && gate->state == OPEN)
        return (int)receive(gate, bio, out, (size_t)size);
    while (gate->n_read == gate->n_passed && !gate->refused)
        if (!fill(gate, bio, &result))
            return result;
    if (gate->n_read < gate->n_passed)
        return (int)give(gate, out, (size_t)size);
    BIO_set_retry_read(bio); /* refused: the connection is about to be closed */
    return -1;
}

static long control_bio(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    const hello_gate *gate = BIO_get_data(bio);
    return command == BIO_CTRL_EOF ? gate->at_end : 0;
}

static BIO_METHOD *make_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hello gate");
    if (method == NULL || BIO_meth_set_read(method, read_bio) != 1 ||
        BIO_meth_set_ctrl(method, control_bio) != 1)
        g_error("no memory");
    return method;
}

static const BIO_METHOD *gate_method(void)
{
    static gsize method;
    if (g_once_init_enter(&method))
        g_once_init_leave(&method, (gsize)make_method());
    return (const BIO_METHOD *)method;
}

BIO *hello_gate_bio(hello_gate *gate)
{
    BIO *bio = BIO_new(gate_method());
    if (bio == NULL)
        return NULL;
    BIO_set_data(bio, gate);
    BIO_set_init(bio, 1);
    return bio;
}
