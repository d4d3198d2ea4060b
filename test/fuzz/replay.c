/* Runs a target on files instead of on libFuzzer's inputs: with any compiler, for coverage, and to
 * look at a find in a debugger. */
#include "fuzz.h"

static char bytes[1 << 20];

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size_t len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        char *copy = exact_copy(bytes, len);
        (void)LLVMFuzzerTestOneInput((const uint8_t *)copy, len);
        free(copy);
    }
    printf("%s: %d files\n", argv[0], argc - 1);
    return 0;
}
