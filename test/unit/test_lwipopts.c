/* SPDX-License-Identifier: MIT */
/* Tests of the firmware's own expressions in lwIP's options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef uint16_t u16_t; /* lwIP's */
#include "../../programs/firmware/lwipopts_common.h"

/* Fault 465: whatever the number by which a boot draws its first TCP port -> none below 49152 (RFC
 * 6335, 6) */
static void test_first_tcp_port(void **state)
{
    (void)state;
    for (uint32_t drawn = 0; drawn <= UINT16_MAX * 3; drawn++) {
        u16_t first = TCP_ENSURE_LOCAL_PORT_RANGE(drawn);
        /* lwIP counts on before it looks, and begins anew only where it meets the end. */
        assert_in_range(first, 49152, TCP_LOCAL_PORT_RANGE_END - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_tcp_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
