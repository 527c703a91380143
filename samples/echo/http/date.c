/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/date.h"

/* strftime() would use the locale's names. */
static const char weekdays[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

enum { FIRST_YEAR = 1900, NS_PER_MS = 1000000 };

const char *date_now(date_line *line)
{
    const time_t now = time(NULL);
    struct tm parts;
    if (now == line->second || gmtime_r(&now, &parts) == NULL)
        return line->text;
    line->second = now;
    g_snprintf(line->text, sizeof line->text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
               weekdays[parts.tm_wday], parts.tm_mday, months[parts.tm_mon],
               FIRST_YEAR + parts.tm_year, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return line->text;
}

void date_append(GString *out)
{
    struct timespec now;
    struct tm parts;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || gmtime_r(&now.tv_sec, &parts) == NULL)
        return;
    g_string_append_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", FIRST_YEAR + parts.tm_year,
                           parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                           parts.tm_sec, (int)(now.tv_nsec / NS_PER_MS));
}
