/* SPDX-License-Identifier: MIT */
/* The version, and the sizes of the public structs, for languages that cannot read the headers. */
#include "mmdclose/version.h"

#include <string.h>

#include "mmdclose/client.h"
#include "mmdclose/close.h"
#include "mmdclose/closing.h"
#include "mmdclose/detail.h"
#include "mmdclose/device_code.h"
#include "mmdclose/drbg.h"
#include "mmdclose/key.h"
#include "mmdclose/port.h"
#include "mmdclose/proxy.h"
#include "mmdclose/response.h"
#include "mmdclose/result.h"
#include "mmdclose/rule.h"
#include "mmdclose/session.h"
#include "mmdclose/tls.h"
#include "mmdclose/tls_pool.h"
#include "mmdclose/token.h"
#include "mmdclose/trust.h"

const char *mmd_version(void)
{
    return MMD_VERSION;
}

size_t mmd_size_of(const char *name)
{
    static const struct {
        const char *name;
        size_t size;
    } types[] = {
        {"mmd_bundle", sizeof(struct mmd_bundle)},
        {"mmd_certificate", sizeof(struct mmd_certificate)},
        {"mmd_chain", sizeof(struct mmd_chain)},
        {"mmd_client", sizeof(struct mmd_client)},
        {"mmd_client_config", sizeof(struct mmd_client_config)},
        {"mmd_close", sizeof(struct mmd_close)},
        {"mmd_close_config", sizeof(struct mmd_close_config)},
        {"mmd_closing", sizeof(struct mmd_closing)},
        {"mmd_closing_info", sizeof(struct mmd_closing_info)},
        {"mmd_credential", sizeof(struct mmd_credential)},
        {"mmd_detail", sizeof(struct mmd_detail)},
        {"mmd_device_code", sizeof(struct mmd_device_code)},
        {"mmd_drbg", sizeof(struct mmd_drbg)},
        {"mmd_fault", sizeof(struct mmd_fault)},
        {"mmd_memory_key", sizeof(struct mmd_memory_key)},
        {"mmd_port", sizeof(struct mmd_port)},
        {"mmd_port_report", sizeof(struct mmd_port_report)},
        {"mmd_proxy", sizeof(struct mmd_proxy)},
        {"mmd_proxy_config", sizeof(struct mmd_proxy_config)},
        {"mmd_response", sizeof(struct mmd_response)},
        {"mmd_result", sizeof(struct mmd_result)},
        {"mmd_session", sizeof(struct mmd_session)},
        {"mmd_tls_config", sizeof(struct mmd_tls_config)},
        {"mmd_tls_context", sizeof(union mmd_tls_context)},
        {"mmd_tls_pool", sizeof(struct mmd_tls_pool)},
        {"mmd_token", sizeof(struct mmd_token)},
        {"mmd_token_info", sizeof(struct mmd_token_info)},
        {"mmd_token_verdict", sizeof(struct mmd_token_verdict)},
        {"mmd_trust", sizeof(struct mmd_trust)},
        {"mmd_verdict", sizeof(struct mmd_verdict)},
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].size;
    return 0;
}
