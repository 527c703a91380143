/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The least that a program can do with a capture: count its packets. By libpcap, as most programs
 * read, or by stepping over the packets of a pcap file of this machine's byte order that the system
 * brings into memory in one of several ways: bare_loop pcap|read|mmap|uring FILE.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    BLOCK = 256 * 1024,
    MAPPED = 8 * 1024 * 1024,
    PAGE = 4096,
    FILE_HEADER = 24,
    RECORD_HEADER = 16,
    LENGTH_AT = 8,
};

static unsigned long long n_packets;

static int fail(const char *what)
{
    fprintf(stderr, "bare_loop: %s: %s\n", what, strerror(errno));
    exit(2);
}

/** Steps over the packets that are whole; returns how many bytes these are. */
static size_t step_over(const unsigned char *bytes, size_t len)
{
    size_t at = 0;
    while (len - at >= RECORD_HEADER) {
        unsigned packet;
        memcpy(&packet, bytes + at + LENGTH_AT, sizeof packet);
        if (len - at - RECORD_HEADER < packet)
            break;
        at += RECORD_HEADER + packet;
        n_packets++;
    }
    return at;
}

static void count_by_pcap(const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const unsigned char *bytes;
    int status;
    pcap_t *capture = pcap_open_offline(path, error);
    if (capture == NULL) {
        fprintf(stderr, "bare_loop: %s\n", error);
        exit(2);
    }
    while ((status = pcap_next_ex(capture, &header, &bytes)) == 1)
        n_packets++;
    if (status == PCAP_ERROR)
        fprintf(stderr, "bare_loop: %s: %s\n", path, pcap_geterr(capture));
    pcap_close(capture);
    if (status == PCAP_ERROR)
        exit(2);
}

static unsigned char *allocate(size_t len)
{
    unsigned char *block = malloc(len);
    if (block == NULL)
        fail("malloc");
    return block;
}

/** What is left of a block goes to the front of the next one. */
typedef struct {
    unsigned char *bytes;
    size_t kept;
    bool started;
} reading;

static void take_block(reading *block, size_t len)
{
    size_t skip = block->started ? 0 : FILE_HEADER, end = block->kept + len;
    size_t at = skip + step_over(block->bytes + skip, end - skip);
    block->started = true;
    block->kept = end - at;
    memmove(block->bytes, block->bytes + at, block->kept);
}

static void count_by_read(int fd)
{
    reading block = {.bytes = allocate(2 * BLOCK)};
    ssize_t len;
    while ((len = read(fd, block.bytes + block.kept, BLOCK)) > 0)
        take_block(&block, (size_t)len);
    free(block.bytes);
}

static void count_by_mmap(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        fail("fstat");
    size_t size = (size_t)status.st_size, at = FILE_HEADER, step = 1;
    while (at < size && step > 0) {
        size_t start = at / PAGE * PAGE, len = size - start < MAPPED ? size - start : MAPPED;
        unsigned char *map =
            mmap(NULL, len, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, (off_t)start);
        if (map == MAP_FAILED)
            fail("mmap");
        step = step_over(map + (at - start), len - (at - start));
        munmap(map, len);
        at += step;
    }
}

/** One read ahead of the one that is looked at. */
typedef struct {
    int fd;
    unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
    struct io_uring_sqe *sqes;
    struct io_uring_cqe *cqes;
} io_ring;

static void *map_ring(int fd, size_t len, off_t what)
{
    void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, what);
    if (map == MAP_FAILED)
        fail("mmap of io_uring");
    return map;
}

static io_ring ring_new(void)
{
    struct io_uring_params params = {0};
    io_ring out = {.fd = (int)syscall(SYS_io_uring_setup, 2, &params)};
    if (out.fd < 0)
        fail("io_uring_setup");
    char *sq = map_ring(out.fd, params.sq_off.array + params.sq_entries * sizeof(unsigned),
                        IORING_OFF_SQ_RING);
    char *cq =
        map_ring(out.fd, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
                 IORING_OFF_CQ_RING);
    out.sqes = map_ring(out.fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    out.sq_tail = (unsigned *)(sq + params.sq_off.tail);
    out.sq_mask = (unsigned *)(sq + params.sq_off.ring_mask);
    out.sq_array = (unsigned *)(sq + params.sq_off.array);
    out.cq_head = (unsigned *)(cq + params.cq_off.head);
    out.cq_tail = (unsigned *)(cq + params.cq_off.tail);
    out.cq_mask = (unsigned *)(cq + params.cq_off.ring_mask);
    out.cqes = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
    return out;
}

static void start_read(const io_ring *ring, int fd, unsigned char *out, unsigned long long offset)
{
    unsigned tail = *ring->sq_tail, index = tail & *ring->sq_mask;
    ring->sqes[index] = (struct io_uring_sqe){
        .opcode = IORING_OP_READ,
        .fd = fd,
        .addr = (unsigned long long)(size_t)out,
        .len = BLOCK,
        .off = offset,
    };
    ring->sq_array[index] = index;
    __atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) < 0)
        fail("io_uring_enter");
}

static int end_read(const io_ring *ring)
{
    unsigned head = *ring->cq_head;
    while (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
        if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
            fail("io_uring_enter");
    int result = ring->cqes[head & *ring->cq_mask].res;
    __atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
    return result;
}

/** The kernel fills one block while the other one is looked at. What is left of a packet at the
 * end of a block is copied in front of the next one. */
static void count_by_uring(int fd)
{
    io_ring ring = ring_new();
    unsigned char *blocks[2] = {allocate(2 * BLOCK), allocate(2 * BLOCK)};
    reading block = {.bytes = allocate(4 * BLOCK)};
    unsigned long long offset = 0;
    int len, number = 0;
    start_read(&ring, fd, blocks[0] + BLOCK, offset);
    while ((len = end_read(&ring)) > 0) {
        offset += (unsigned)len;
        start_read(&ring, fd, blocks[!number] + BLOCK, offset);
        unsigned char *front = blocks[number] + BLOCK - block.kept;
        memcpy(front, block.bytes, block.kept);
        reading next = {front, block.kept, block.started};
        size_t skip = next.started ? 0 : FILE_HEADER, end = next.kept + (size_t)len;
        size_t at = skip + step_over(front + skip, end - skip);
        block.started = true;
        block.kept = end - at;
        memcpy(block.bytes, front + at, block.kept);
        number = !number;
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*count)(int fd);
    } ways[] = {{"read", count_by_read}, {"mmap", count_by_mmap}, {"uring", count_by_uring}};
    if (argc == 3 && strcmp(argv[1], "pcap") == 0) {
        count_by_pcap(argv[2]);
        printf("%llu\n", n_packets);
        return 0;
    }
    for (size_t i = 0; argc == 3 && i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(argv[1], ways[i].name) != 0)
            continue;
        int fd = open(argv[2], O_RDONLY);
        if (fd < 0)
            fail(argv[2]);
        ways[i].count(fd);
        close(fd);
        printf("%llu\n", n_packets);
        return 0;
    }
    fprintf(stderr, "Usage: bare_loop pcap|read|mmap|uring FILE\n");
    return 2;
}
