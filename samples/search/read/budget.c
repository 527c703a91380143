/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/budget.h"

static struct {
    GMutex lock;
    GCond returned;
    size_t used;
} budget; /* one for the whole process */

bool budget_reserve(size_t size, size_t *reserved)
{
    if (size <= *reserved)
        return true;
    if (size > DECODER_MEMORY)
        return false;
    size_t more = size - *reserved;
    g_mutex_lock(&budget.lock);
    while (*reserved == 0 && budget.used + more > DECODER_MEMORY)
        g_cond_wait(&budget.returned, &budget.lock);
    bool fits = budget.used + more <= DECODER_MEMORY;
    if (fits) {
        budget.used += more;
        *reserved = size;
    }
    g_mutex_unlock(&budget.lock);
    return fits;
}

void budget_return(size_t *reserved)
{
    g_mutex_lock(&budget.lock);
    budget.used -= *reserved;
    *reserved = 0;
    g_cond_broadcast(&budget.returned);
    g_mutex_unlock(&budget.lock);
}
