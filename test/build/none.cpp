// SPDX-License-Identifier: MIT
// The headers in C++17, and the result of an exchange that has not begun.
#include <mmdclose/client.h>
#include <mmdclose/closing.h>
#include <mmdclose/drbg.h>
#include <mmdclose/guid.h>
#include <mmdclose/port/linux.h>
#include <mmdclose/session.h>
#include <mmdclose/tls_pool.h>
#include <mmdclose/version.h>

int main()
{
    static const mmd_result constant = MMD_RESULT_NONE;
    mmd_result result = MMD_RESULT_NONE;

    result = MMD_RESULT_NONE;
    return result.error == MMD_OK && result.retry_after_s == MMD_RETRY_AFTER_ABSENT && *constant.request_id == '\0' &&
                   *result.tls_version == '\0' && result.delivery == MMD_NOT_SENT
               ? 0
               : 1;
}
