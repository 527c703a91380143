/* SPDX-License-Identifier: BSD-3-Clause */
#include "fingerprint/context.h"
#include "bytes/gcrypt_start.h"

static void must(gcry_error_t error)
{
    if (error != 0)
        g_error("libgcrypt: %s", gcry_strerror(error));
}

tlsfp_context *tlsfp_context_new(void)
{
    gcrypt_start();
    tlsfp_context *context = g_new0(tlsfp_context, 1);
    context->digests.md5 = g_checksum_new(G_CHECKSUM_MD5);
    must(gcry_md_open(&context->hmac, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC));
    must(gcry_md_open(&context->hmac_salt, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC));
    must(gcry_cipher_open(&context->aes_ecb.handle, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_ECB, 0));
    must(gcry_cipher_open(&context->aes_gcm.handle, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_GCM, 0));
    return context;
}

void tlsfp_context_free(tlsfp_context *context)
{
    if (context == NULL)
        return;
    g_checksum_free(context->digests.md5);
    gcry_md_close(context->hmac);
    gcry_md_close(context->hmac_salt);
    gcry_cipher_close(context->aes_ecb.handle);
    gcry_cipher_close(context->aes_gcm.handle);
    g_free(context);
}
