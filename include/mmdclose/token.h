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

/* Who asks for a token, whom, and with what. Every string is NUL-terminated and borrowed; NULL,
 * where it does not mean something, is refused as an empty one. */
struct mmd_credential {
    const char *host; /* of the authority; as in struct mmd_closing */
    uint16_t port;
    const char *path;      /* of its token endpoint: a path (RFC 3986, 3.3) of 1-512 characters with
                              no segment "." or ".."; NULL: "/", tenant_id, "/oauth2/v2.0/token" */
    const char *tenant_id; /* 1-128 unreserved characters, but neither "." nor ".."; unused, and
                              may be NULL, beside a path */
    const char *client_id; /* as tenant_id, but not NULL */
    const char *scope;     /* RFC 6749, 3.3: 1-512 of printable ASCII without quote and backslash */

    /* One of the two, or neither where a person signs in: see device_code.h. A secret: UTF-8 or any
     * other bytes, 1-1024; percent-encoded when sent. */
    const char *client_secret;  /* NULL: the certificate */
    const uint8_t *certificate; /* X.509 in DER, with an RSA key, */
    size_t certificate_len;
    mmd_sign *sign; /* and what signs with it */
    void *sign_context;
};

/* In the order in which they are checked. */
enum mmd_token_field {
    MMD_TOKEN_FIELD_NONE,
    MMD_TOKEN_FIELD_HOST,
    MMD_TOKEN_FIELD_PATH,
    MMD_TOKEN_FIELD_TENANT_ID,
    MMD_TOKEN_FIELD_CLIENT_ID,
    MMD_TOKEN_FIELD_SCOPE,
    MMD_TOKEN_FIELD_CLIENT_SECRET,
    MMD_TOKEN_FIELD_CERTIFICATE, /* neither a secret nor a certificate and a function; or, when it
                                    is used, no RSA key of 2048 to 4096 bits in it */
    MMD_TOKEN_FIELD_ASSERTION,   /* of mmd_token_write */
    MMD_TOKEN_FIELD_CLIENT_REQUEST_ID,
    MMD_TOKEN_FIELD_DEVICE_CODE /* of mmd_device_poll_write */
};

/* Which field cannot be used, and why; as in struct mmd_closing_info. */
struct mmd_token_info {
    size_t needed;
    enum mmd_token_field field;
    struct mmd_fault fault;
};

/* Checks all fields, and reports the first that cannot be used in *info, with needed 0. Returns
 * MMD_OK or MMD_ERR_INPUT. */
int mmd_credential_check(const struct mmd_credential *credential, struct mmd_token_info *info);

#define MMD_ASSERTION_LIFE_S 600
#define MMD_ASSERTION_MAX    2473 /* characters: of the longest fields, and MMD_SIGNATURE_MAX */

/* Writes what is signed of an assertion (RFC 7523, 3; RFC 7515, 5.1) into buf (cap bytes): the
 * header and the claims in base64url, not NUL-terminated. thumbprint: the SHA-256 of the
 * certificate; jti: unique, as a GUID, with the characters of an id; now: seconds since 1970; valid
 * from then on for MMD_ASSERTION_LIFE_S. aud is the credential's own URL. Returns the length;
 * MMD_ERR_INPUT for the credential or the jti; MMD_ERR_CLOCK if now is MMD_CLOCK_NOT_SET or
 * another number below 0; or MMD_ERR_CAPACITY. */
int mmd_assertion_write(char *buf, size_t cap, const struct mmd_credential *credential,
                        const uint8_t thumbprint[MMD_SHA256_LEN], const char *jti, int64_t now);

/* Appends the signature to the len bytes in buf, and a NUL. Returns the whole length without the
 * NUL; or MMD_ERR_CAPACITY, also for a signature of more than MMD_SIGNATURE_MAX bytes. */
int mmd_assertion_end(char *buf, size_t cap, size_t len, const uint8_t *signature,
                      size_t signature_len);

/* Writes the message, a POST with a form (RFC 6749, 4.4.2), into buf (cap bytes, may be NULL when
 * cap is 0) and fills *info. assertion: of the credential's certificate, NUL-terminated; it may
 * stand right after the cap bytes, but not among them; unused, and may be NULL, with a secret.
 * client_request_id: as in struct mmd_closing. Returns the message's length, MMD_ERR_INPUT or
 * MMD_ERR_CAPACITY; after an error buf holds nothing of use. The text is not NUL-terminated, and
 * buf then holds the secret: the engine wipes it after use. Nothing in a field can add a header, a
 * path segment or a member of the form. */
int mmd_token_write(char *buf, size_t cap, const struct mmd_credential *credential,
                    const char *assertion, const char *client_request_id,
                    struct mmd_token_info *info);

#define MMD_TOKEN_LIFETIME_DEFAULT 300        /* seconds; if it is absent or silly */
#define MMD_TOKEN_LIFETIME_MAX     172800     /* a longer one, up to 2^31, becomes this */
#define MMD_TOKEN_LIFETIME_UNKNOWN UINT32_MAX /* used until it is refused */

/* What the result of an exchange with the token server means. */
struct mmd_token_verdict {
    enum mmd_outcome outcome; /* MMD_OUTCOME_CLOSED: there is a token */
    enum mmd_cause cause;
    int error;            /* as in the result; of a complete response: MMD_OK; MMD_ERR_TOKEN_SIZE;
                             MMD_ERR_TOKEN_REFUSED, _CLOCK_SKEW or _STATUS by the token server; or,
                             if it is not its own word, MMD_ERR_CODED, _REDIRECT or _GATEWAY */
    char *token;          /* in the body, NUL-terminated; "" if none. Secret: keep it, then wipe the
                             body, as after every other verdict, too */
    uint32_t lifetime_s;  /* from when the response came; 1 to MMD_TOKEN_LIFETIME_MAX */
    char *code;           /* "error" and "error_description", or what another error object has; */
    char *message;        /* as in struct mmd_verdict */
    char *correlation_id; /* the token server's, for its support; "" if none */
    bool message_cut;     /* the body ended within the message */
};

/* Judges a result, which may also be one that never began an exchange. now: our clock, in seconds
 * since 1970, or MMD_CLOCK_NOT_SET. The rule by which a response is the token server's own word is
 * in src/service/token_judge.c. Resolves strings in place: the body is not JSON afterwards. Needs
 * about 0.6 KB of stack. */
void mmd_token_judge(struct mmd_token_verdict *out, const struct mmd_result *result, int64_t now);

/* Reads a token from JSON as programs print it: "access_token" or "accessToken". Sets *lifetime_s
 * from "expires_in" (seconds), else, where now is not MMD_CLOCK_NOT_SET, from "expires_on" (seconds
 * since 1970), in the same bounds as above; to MMD_TOKEN_LIFETIME_UNKNOWN if there is neither.
 * Returns the token within text, NUL-terminated; or NULL if text is no JSON object with a b64token
 * (RFC 6750, 2.1), or says that it is of another type than Bearer. Resolves strings in place. Needs
 * about 0.6 KB of stack. */
char *mmd_token_from_json(char *text, size_t len, int64_t now, uint32_t *lifetime_s);

/* ---- the cache ---- */

/* The caller's memory; bytes is secret. All but bytes and cap zeros at first. */
struct mmd_token {
    char *bytes; /* NUL-terminated, if there is one */
    size_t cap;  /* with the NUL */
    size_t len;  /* 0: there is none */
    uint32_t got_ms, lifetime_s;
};

/* Keeps a token that came at now_ms, in place of another one. bytes may lie in token->bytes.
 * Returns MMD_OK; or MMD_ERR_TOKEN_SIZE, also for a len of 0, with nothing kept and token->bytes
 * wiped. */
int mmd_token_keep(struct mmd_token *token, const char *bytes, size_t len, uint32_t lifetime_s,
                   uint32_t now_ms);

/* Whether there is one that is still good for at least five minutes, or half of its life if that is
 * shorter; one of MMD_TOKEN_LIFETIME_UNKNOWN always is. now_ms: of the same clock, less than 2^32
 * ms later. */
bool mmd_token_is_fresh(const struct mmd_token *token, uint32_t now_ms);

/* Wipes it: all of bytes. */
void mmd_token_forget(struct mmd_token *token);

#ifdef __cplusplus
}
#endif
#endif
