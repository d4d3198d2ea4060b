/* SPDX-License-Identifier: MIT */
/* Access tokens by OAuth 2.0's client credentials (RFC 6749, 4.4): writes the request and judges
 * the result, as closing.h does for a closing; and a small cache. Pure: no I/O, no allocation, no
 * state but the caller's. */
#ifndef MMDCLOSE_TOKEN_H
#define MMDCLOSE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mmdclose/closing.h"
#include "mmdclose/error.h"
#include "mmdclose/key.h"
#include "mmdclose/result.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_TOKEN_HOST  "login.microsoftonline.com"
#define MMD_TOKEN_PORT  443
#define MMD_TOKEN_SCOPE "https://mwaas-services-customerapi-prod.azurewebsites.net/.default"

/* Who asks for a token, whom, and with what. Every string is NUL-terminated and borrowed. */
struct mmd_credential {
    const char *host; /* of the authority; as in struct mmd_closing */
    uint16_t port;
    const char *path;      /* of its token endpoint: "/" and characters of a path (RFC 3986, 3.3);
                              NULL: "/", tenant_id and "/oauth2/v2.0/token" */
    const char *tenant_id; /* 1-128 unreserved characters, but neither "." nor ".." */
    const char *client_id; /* the same */
    const char *scope;     /* printable ASCII */

    /* One of the two. A secret: UTF-8 or any other bytes, 1-1024; percent-encoded when sent. */
    const char *client_secret;  /* NULL: the certificate */
    const uint8_t *certificate; /* X.509 in DER, with an RSA key, */
    size_t certificate_len;
    mmd_sign *sign; /* and what signs with it */
    void *sign_context;
};

enum mmd_token_field {
    MMD_TOKEN_FIELD_NONE,
    MMD_TOKEN_FIELD_HOST,
    MMD_TOKEN_FIELD_PATH,
    MMD_TOKEN_FIELD_TENANT_ID,
    MMD_TOKEN_FIELD_CLIENT_ID,
    MMD_TOKEN_FIELD_SCOPE,
    MMD_TOKEN_FIELD_CLIENT_SECRET,
    MMD_TOKEN_FIELD_CERTIFICATE /* neither a secret nor a certificate and a function */
};

/* Which field cannot be used, and why; as in struct mmd_closing_info. */
struct mmd_token_info {
    size_t needed;
    enum mmd_token_field field;
    struct mmd_fault fault;
};

/* Checks all fields. MMD_OK or MMD_ERR_INPUT, and fills *info. */
int mmd_credential_check(const struct mmd_credential *credential, struct mmd_token_info *info);

/* Writes what is signed of an assertion (RFC 7523, 3; RFC 7515, 5.1) into buf: the header and the
 * claims in base64url, not NUL-terminated. thumbprint: the SHA-256 of the certificate; jti: unique,
 * as a GUID; now: seconds since 1970; valid from then on for MMD_ASSERTION_LIFE_S. aud is the
 * credential's own URL. Returns the length, MMD_ERR_INPUT or MMD_ERR_CAPACITY. */
int mmd_assertion_write(char *buf, size_t cap, const struct mmd_credential *credential,
                        const uint8_t thumbprint[MMD_SHA256_LEN], const char *jti, int64_t now);

#define MMD_ASSERTION_LIFE_S 600

/* Appends the signature to the len bytes in buf, and a NUL. Returns the whole length, or
 * MMD_ERR_CAPACITY. */
int mmd_assertion_end(char *buf, size_t cap, size_t len, const uint8_t *signature,
                      size_t signature_len);

/* Writes the message, a POST with a form (RFC 6749, 4.4.2), into buf (cap bytes, may be NULL when
 * cap is 0) and fills *info. assertion: of the credential's certificate, outside of buf or at its
 * end; NULL with a secret. client_request_id: as in struct mmd_closing. Returns the length,
 * MMD_ERR_INPUT or MMD_ERR_CAPACITY. buf then holds the secret: the engine wipes it after use. */
int mmd_token_write(char *buf, size_t cap, const struct mmd_credential *credential,
                    const char *assertion, const char *client_request_id,
                    struct mmd_token_info *info);

/* What the result of an exchange with the token server means. */
struct mmd_token_verdict {
    /* MMD_OUTCOME_CLOSED: there is a token. code and message: "error" and "error_description". */
    struct mmd_verdict verdict;
    char *token; /* in the body, NUL-terminated; "" if none. Secret: keep it, then wipe the body */
    uint32_t lifetime_s; /* MMD_TOKEN_LIFETIME_DEFAULT if it is absent or silly */
};

#define MMD_TOKEN_LIFETIME_DEFAULT 300        /* seconds */
#define MMD_TOKEN_LIFETIME_MAX     172800     /* a longer one becomes this */
#define MMD_TOKEN_LIFETIME_UNKNOWN UINT32_MAX /* used until it is refused */

/* Judges a result. now: our clock, in seconds since 1970. The rule by which a response is the token
 * server's own word is in src/service/token.c. Resolves strings in place: the body is not JSON
 * afterwards. Needs about 0.5 KB of stack. */
void mmd_token_judge(struct mmd_token_verdict *out, const struct mmd_result *result, int64_t now);

/* Reads a token from JSON as programs print it: "access_token" or "accessToken", with "expires_in"
 * or without. Sets *lifetime_s, to MMD_TOKEN_LIFETIME_UNKNOWN if it is not given. In place. Returns
 * the token within text, NUL-terminated, or NULL. */
char *mmd_token_from_json(char *text, size_t len, uint32_t *lifetime_s);

/* ---- the cache ---- */

/* The caller's memory; bytes is secret. All else zeros at first. */
struct mmd_token {
    char *bytes; /* NUL-terminated */
    size_t cap;  /* with the NUL */
    size_t len;  /* 0: there is none */
    uint32_t got_ms, lifetime_s;
};

/* Keeps a token that came now. Returns MMD_OK, or MMD_ERR_TOKEN_SIZE with nothing kept. */
int mmd_token_keep(struct mmd_token *token, const char *bytes, size_t len, uint32_t lifetime_s,
                   uint32_t now_ms);

/* Whether there is one that is still good for five minutes, or half of its life if that is shorter.
 * now_ms: of the same clock, less than 2^32 ms later. */
bool mmd_token_is_fresh(const struct mmd_token *token, uint32_t now_ms);

/* Wipes it. */
void mmd_token_forget(struct mmd_token *token);

#ifdef __cplusplus
}
#endif
#endif
