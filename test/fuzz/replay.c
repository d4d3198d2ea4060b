/* SPDX-License-Identifier: MIT */
/* Runs a target on inputs from files instead of on libFuzzer's: with any compiler, for coverage,
 * and to look at a find in a debugger.
 *
 *   TARGET FILE...           each file is an input
 *   TARGET packed FILE...    each file holds many: see corpus.py */
#include "fuzz.h"

static char bytes[1 << 20];
static unsigned long inputs;

static void run_one(size_t len)
{
    char *copy = exact_copy(bytes, len);

    (void)LLVMFuzzerTestOneInput((const uint8_t *)copy, len);
    free(copy);
    inputs++;
}

/* Returns false at the end of the file; a file that ends within an input is damaged. */
static bool read_packed(FILE *file, size_t *len)
{
    uint8_t head[4];
    size_t got = fread(head, 1, sizeof head, file);

    if (got == 0)
        return false;
    *len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    CHECK(got == sizeof head && *len <= sizeof bytes && fread(bytes, 1, *len, file) == *len);
    return true;
}

int main(int argc, char **argv)
{
    bool packed = argc > 1 && strcmp(argv[1], "packed") == 0;
    size_t len;

    for (int i = 1 + packed; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        if (packed)
            while (read_packed(file, &len))
                run_one(len);
        else
            run_one(fread(bytes, 1, sizeof bytes, file));
        fclose(file);
    }
    printf("%s: %lu inputs\n", argv[0], inputs);
    return inputs > 0 ? 0 : 1;
}
