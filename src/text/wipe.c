/* memset through a pointer that the compiler has to read: it cannot know that nothing comes of it.
 */
#include "wipe.h"

#include <string.h>

void mmd_wipe(void *memory, size_t len)
{
    static void *(*const volatile set)(void *, int, size_t) = memset;

    if (len > 0)
        set(memory, 0, len);
}
