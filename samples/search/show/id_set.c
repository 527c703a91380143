/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/id_set.h"

enum { MIN_ROOM = 64 }; /* slots, a power of two */

/** Open addressing with linear probing; 0 marks an unused slot. */
typedef struct {
    uint64_t *slots;
    size_t room, len;
} generation;

struct id_set {
    size_t max_room; /* of one generation */
    generation newer, older;
    bool has_zero;
    uint64_t n_forgotten;
};

id_set *id_set_new(size_t memory)
{
    id_set *set = g_new0(id_set, 1);
    set->max_room = MIN_ROOM;
    /* While a generation grows, its old slots are there, too. */
    while (2 * set->max_room * sizeof(uint64_t) <= memory / 3)
        set->max_room *= 2;
    return set;
}

void id_set_free(id_set *set)
{
    if (set == NULL)
        return;
    g_free(set->newer.slots);
    g_free(set->older.slots);
    g_free(set);
}

/** The slot of the number, or the one where it would be put. */
static size_t slot_of(const generation *from, uint64_t id)
{
    size_t at = (size_t)id & (from->room - 1);
    while (from->slots[at] != 0 && from->slots[at] != id)
        at = (at + 1) & (from->room - 1);
    return at;
}

static bool generation_holds(const generation *from, uint64_t id)
{
    return from->room > 0 && from->slots[slot_of(from, id)] == id;
}

bool id_set_holds(const id_set *set, uint64_t id)
{
    if (id == 0)
        return set->has_zero;
    return generation_holds(&set->newer, id) || generation_holds(&set->older, id);
}

static void put(generation *to, uint64_t id)
{
    to->slots[slot_of(to, id)] = id;
    to->len++;
}

static void grow(generation *old)
{
    generation larger = {.room = MAX(MIN_ROOM, 2 * old->room)};
    larger.slots = g_new0(uint64_t, larger.room);
    for (size_t i = 0; i < old->room; i++)
        if (old->slots[i] != 0)
            put(&larger, old->slots[i]);
    g_free(old->slots);
    *old = larger;
}

static void start_generation(id_set *set)
{
    set->n_forgotten += set->older.len;
    g_free(set->older.slots);
    set->older = set->newer;
    set->newer = (generation){0};
}

void id_set_add(id_set *set, uint64_t id)
{
    set->has_zero |= id == 0;
    if (id == 0 || generation_holds(&set->newer, id))
        return;
    if (set->newer.len >= set->newer.room / 4 * 3) {
        if (set->newer.room >= set->max_room)
            start_generation(set);
        grow(&set->newer);
    }
    put(&set->newer, id);
}

uint64_t id_set_forgotten(const id_set *set)
{
    return set->n_forgotten;
}
