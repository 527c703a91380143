/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/certificate_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_FILE = 1024 * 1024 };

/** Sets an error about a file of @p option. */
static bool G_GNUC_PRINTF(4, 5)
    fail(GError **error, const char *option, const char *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, G_FILE_ERROR, 0, "%s: %s: %s", option, file, why);
    g_free(why);
    ERR_clear_error();
    return false;
}

static const char *openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != NULL ? reason : "no reason given";
}

/** @return what the file holds; NULL with errno set. */
static char *read_text(const char *file)
{
    char *text = g_malloc0(LARGEST_FILE + 1);
    size_t len = 0;
    ssize_t n = -1;
    const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        while (len < LARGEST_FILE && (n = read(fd, text + len, LARGEST_FILE - len)) > 0)
            len += (size_t)n;
    const int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    if (fd >= 0 && n >= 0)
        return text;
    g_free(text);
    return NULL;
}

/** Checks that @p file can be read and is in PEM (RFC 7468); @p out_text is to be freed. */
static bool read_pem(const char *option, const char *file, char **out_text, GError **error)
{
    char *text = read_text(file);
    if (text == NULL)
        return fail(error, option, file, "%s", g_strerror(errno));
    const bool is_pem = strstr(text, "-----BEGIN ") != NULL;
    if (is_pem) {
        *out_text = text;
        return true;
    }
    g_free(text);
    return fail(error, option, file,
                "this is no PEM file, a text with lines like '-----BEGIN CERTIFICATE-----'; "
                "'openssl x509', 'openssl pkey' and 'openssl pkcs12' convert other formats");
}

static bool check_cert_text(const char *file, const char *text, GError **error)
{
    if (strstr(text, " CERTIFICATE-----") != NULL && strstr(text, "-----END ") != NULL)
        return true;
    return fail(error, "--cert", file, "there is no certificate in it");
}

static bool check_key_text(const char *option, const char *file, const char *text, GError **error)
{
    if (strstr(text, "PRIVATE KEY-----") == NULL)
        return fail(error, option, file, "there is no private key in it%s",
                    strcmp(option, "--cert") == 0 ? "; name the file with the key by --key" : "");
    if (strstr(text, "BEGIN ENCRYPTED PRIVATE KEY") != NULL || strstr(text, ",ENCRYPTED") != NULL)
        return fail(error, option, file,
                    "the private key is encrypted; 'openssl pkey -in FILE -out NEW' writes it "
                    "without a passphrase");
    return true;
}

/** Never asks for a passphrase on the terminal. */
static int no_passphrase(char *out, int size, int writing, void *data)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

static bool use_cert(SSL_CTX *tls, const char *file, GError **error)
{
    char *text;
    if (!read_pem("--cert", file, &text, error))
        return false;
    const bool fine = check_cert_text(file, text, error);
    g_free(text);
    if (!fine)
        return false;
    if (SSL_CTX_use_certificate_chain_file(tls, file) == 1)
        return true;
    return fail(error, "--cert", file, "OpenSSL does not take the certificate: %s",
                openssl_reason());
}

static bool is_mismatch(unsigned long reason)
{
    return ERR_GET_LIB(reason) == ERR_LIB_X509 &&
           (ERR_GET_REASON(reason) == X509_R_KEY_VALUES_MISMATCH ||
            ERR_GET_REASON(reason) == X509_R_KEY_TYPE_MISMATCH);
}

static bool use_key(SSL_CTX *tls, const char *cert, const char *option, const char *file,
                    GError **error)
{
    char *text;
    if (!read_pem(option, file, &text, error))
        return false;
    const bool fine = check_key_text(option, file, text, error);
    g_free(text);
    if (!fine)
        return false;
    if (SSL_CTX_use_PrivateKey_file(tls, file, SSL_FILETYPE_PEM) != 1 &&
        !is_mismatch(ERR_peek_last_error()))
        return fail(error, option, file, "OpenSSL does not take the private key: %s",
                    openssl_reason());
    ERR_clear_error();
    if (SSL_CTX_check_private_key(tls) == 1)
        return true;
    return fail(error, option, file, "the private key does not belong to the certificate in %s",
                cert);
}

bool certificate_files_use(SSL_CTX *tls, const char *cert, const char *key, GError **error)
{
    SSL_CTX_set_default_passwd_cb(tls, no_passphrase);
    ERR_clear_error();
    return use_cert(tls, cert, error) &&
           use_key(tls, cert, key != NULL ? "--key" : "--cert", key != NULL ? key : cert, error);
}
