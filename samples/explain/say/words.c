/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A subject in words. */
#include <stdio.h>
#include <string.h>
#include <tlsfp/escape.h>

#include "say/parts.h"
#include "say/say.h"

enum { SHOWN_DIFFERENCES = 6, SHOWN_SHARING = 8, LABEL_WIDTH = 22 };

static void say_line(const char *label, const char *text)
{
    GString *shown = g_string_new(NULL);
    tlsfp_append_escaped_string(shown, text);
    printf("  %-*s%s\n", LABEL_WIDTH, label, shown->str);
    g_string_free(shown, TRUE);
}

static void append_values(GString *out, tlsfp_part part, const uint16_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = tlsfp_part_value_name(part, values[i]);
        g_string_append(out, i > 0 ? ", " : "");
        if (name != NULL)
            g_string_append(out, name);
        else
            g_string_append_printf(out, "0x%04x", values[i]);
    }
}

static void say_list(const struct subject *subject, tlsfp_part part, const char *label)
{
    const uint16_t *values;
    size_t n;
    bool ordered;
    if (subject->shape == NULL || !tlsfp_shape_values(subject->shape, part, &values, &n, &ordered))
        return;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%zu%s%s", n, ordered || n < 2 ? "" : ", sorted",
                           n > 0 ? ": " : "");
    append_values(text, part, values, n);
    say_line(label, text->str);
    g_string_free(text, TRUE);
}

/** What part a says. */
static void say_part_a(const char *part_a)
{
    static const struct {
        char code[3];
        const char *name;
    } versions[] = {
        {"13", "TLS 1.3"},  {"12", "TLS 1.2"},  {"11", "TLS 1.1"},
        {"10", "TLS 1.0"},  {"s3", "SSL 3.0"},  {"s2", "SSL 2.0"},
        {"d1", "DTLS 1.0"}, {"d2", "DTLS 1.2"}, {"d3", "DTLS 1.3"},
    };
    const char *version = "unknown";
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        if (strncmp(part_a + 1, versions[i].code, 2) == 0)
            version = versions[i].name;
    say_line("transport", part_a[0] == 'q' ? "QUIC" : part_a[0] == 'd' ? "DTLS" : "TLS over TCP");
    say_line("version", version);
    say_line("server name", part_a[3] == 'd' ? "asked for" : "none");
    char *counts = g_strdup_printf(
        "%.2s cipher suites, %.2s extensions%s", part_a + 4, part_a + 6,
        strncmp(part_a + 4, "99", 2) == 0 || strncmp(part_a + 6, "99", 2) == 0 ? " (99: or more)"
                                                                               : "");
    say_line("counts", counts);
    g_free(counts);
    char *alpn =
        strcmp(part_a + 8, "00") == 0
            ? g_strdup("no ALPN")
            : g_strdup_printf("%s (first and last character of the first protocol)", part_a + 8);
    say_line("ALPN", alpn);
    g_free(alpn);
}

static void say_names(const struct found_names *names, const struct lists *lists)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < names->n; i++) {
        const tlsfp_label *label = &names->labels[i];
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", label->name);
        if (label->level != TLSFP_LEVEL_NONE)
            g_string_append_printf(text, " (%s)", tlsfp_level_name(label->level));
    }
    if (names->n > 0)
        g_string_append_printf(text, " (%s)", names->certainty);
    const char *nobody = lists->missing != NULL ? lists->missing : "in no list";
    say_line("client", names->n > 0 ? text->str : nobody);
    g_string_free(text, TRUE);
}

static void say_near(const tlsfp_near *near, const struct subject *subject)
{
    GArray *differences = find_differences(near->client, subject);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "like %s%s", near->client->name, differences->len > 0 ? ": " : "");
    tlsfp_differences_text(differences, SHOWN_DIFFERENCES, text);
    say_line("nearest", text->str);
    g_string_free(text, TRUE);
    g_array_unref(differences);
}

static void say_sharing(const struct subject *subject, const struct lists *lists, tlsfp_kind kind,
                        const char *label)
{
    GPtrArray *names = find_sharing(subject, lists, kind);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(names->len, SHOWN_SHARING); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "; " : "",
                               (const char *)g_ptr_array_index(names, i));
    if (names->len > SHOWN_SHARING)
        g_string_append_printf(text, "; and %u more", names->len - SHOWN_SHARING);
    if (names->len > 0)
        say_line(label, text->str);
    g_string_free(text, TRUE);
    g_ptr_array_unref(names);
}

static void say_traits(const struct subject *subject)
{
    if (!subject->whole)
        return;
    GString *text = g_string_new(NULL);
    const struct {
        bool has;
        const char *name;
    } traits[] = {{subject->post_quantum, "a post-quantum group"},
                  {subject->ech, "an encrypted ClientHello, or a pretended one"},
                  {subject->grease, "GREASE"},
                  {subject->resumption, "an offer to resume a session"}};
    for (size_t i = 0; i < G_N_ELEMENTS(traits); i++)
        if (traits[i].has)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", traits[i].name);
    say_line("traits", text->len > 0 ? text->str : "none");
    g_string_free(text, TRUE);
}

static void say_values(const struct subject *subject)
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA4, TLSFP_KIND_STABLE, TLSFP_KIND_JA4_BC,
                                       TLSFP_KIND_JA3, TLSFP_KIND_JA3N};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (subject->values[kinds[i]] != NULL &&
            strcmp(subject->values[kinds[i]], subject->title) != 0)
            say_line(tlsfp_kind_name(kinds[i]), subject->values[kinds[i]]);
}

static void say_title(const struct subject *subject)
{
    GString *title = g_string_new(NULL);
    tlsfp_append_escaped_string(title, subject->title);
    if (subject->count > 1)
        printf("%s  (%u hellos)\n", title->str, subject->count);
    else
        printf("%s\n", title->str);
    g_string_free(title, TRUE);
}

static bool is_exact(const struct found_names *names)
{
    return names->n > 0 && strcmp(names->certainty, "exactly") == 0;
}

static bool say_who(const struct subject *subject, const struct lists *lists)
{
    struct found_names names;
    tlsfp_near near[MAX_NEAR];
    find_names(subject, lists, &names);
    say_names(&names, lists);
    const size_t n_near = is_exact(&names) ? 0 : find_near(subject, lists, near);
    for (size_t i = 0; i < n_near; i++)
        say_near(&near[i], subject);
    if (subject->known_from != NULL)
        say_line("note", "a hash; what it was made of is known from the list");
    if (subject->shape == NULL) {
        say_line("note", "a hash cannot be turned back into what it was made of: only lists can "
                         "name it");
        say_sharing(subject, lists, TLSFP_KIND_JA4_B, "share part b");
        say_sharing(subject, lists, TLSFP_KIND_JA4_C, "share part c");
    }
    return names.n + n_near > 0;
}

bool say_subject(const struct subject *subject, const struct lists *lists)
{
    say_title(subject);
    say_values(subject);
    if (subject->values[TLSFP_KIND_JA4_A] != NULL)
        say_part_a(subject->values[TLSFP_KIND_JA4_A]);
    const bool found = say_who(subject, lists);
    say_traits(subject);
    say_list(subject, TLSFP_PART_CIPHER_SUITES, "cipher suites");
    say_list(subject, TLSFP_PART_EXTENSIONS, "extensions");
    say_list(subject, TLSFP_PART_GROUPS, "groups");
    say_list(subject, TLSFP_PART_KEY_SHARES, "key shares");
    say_list(subject, TLSFP_PART_SIGNATURE_ALGORITHMS, "signature algorithms");
    say_list(subject, TLSFP_PART_VERSIONS, "supported versions");
    return found;
}
