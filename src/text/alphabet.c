/* Character sets, a machine word at a time. */
#include "alphabet.h"

#include "bytes.h"

/* The top bit of each byte tells whether it may take the lane, if no byte of word is >= 0x80. */
static inline size_t lane(size_t word, const struct mmd_alphabet *alphabet)
{
    size_t lower = word | MMD_EACH(0x20);
    size_t letter = (lower + MMD_AT_LEAST('a')) ^ (lower + MMD_AT_LEAST('z' + 1));
    size_t digit = (word + MMD_AT_LEAST((size_t)alphabet->from)) ^ (word + MMD_AT_LEAST('9' + 1));
    size_t other = (word ^ MMD_EACH((size_t)alphabet->also)) + MMD_AT_LEAST(1);
    return letter | digit | ~other;
}

static inline int take_lane(const char *s, size_t words, const struct mmd_alphabet *alphabet)
{
    size_t good = MMD_TOP, seen = 0;

    for (size_t i = 0; i < words; i++) {
        size_t word = mmd_load_word(s + i * sizeof word);
        good &= lane(word, alphabet);
        seen |= word;
    }
    return (good & ~seen) == MMD_TOP;
}

int mmd_hex_digit(unsigned char c)
{
    unsigned char letter = (unsigned char)((c | 0x20) - 'a');

    if (letter < 6)
        return letter + 10;
    return mmd_is_digit(c) ? c - '0' : -1;
}

size_t mmd_span(const char *s, size_t len, const struct mmd_alphabet *alphabet)
{
    const size_t word = sizeof(size_t);
    size_t at = 0;

    while (MMD_BY_WORDS && len - at >= 8 * word && take_lane(s + at, 8, alphabet))
        at += 8 * word; /* compilers turn eight words into vector code */
    while (MMD_BY_WORDS && len - at >= word && take_lane(s + at, 1, alphabet))
        at += word;
    while (at < len && (mmd_is_alnum((unsigned char)s[at]) || s[at] == alphabet->also ||
                        (s[at] != '\0' && strchr(alphabet->rest, s[at]) != NULL)))
        at++;
    return at;
}
