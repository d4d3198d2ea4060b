/* Characters, dates, outcomes, and what is fit to be shown. */
#include "proof.h"

#include "../../programs/common/printable.c"
#include "../../src/alphabet.c"
#include "../../src/http_date.c"
#include "../../src/outcome.c"
#include "../../src/utf8.c"

/* What mmd_span is for, in the plainest way. */
static bool belongs(unsigned char c, const struct mmd_alphabet *a)
{
    bool is = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

    for (size_t i = 0; i < sizeof a->rest && a->rest[i] != '\0'; i++)
        is |= c == (unsigned char)a->rest[i];
    return is || c == (unsigned char)a->also;
}

/* PROOF mmd_span
 * proved: returns exactly how many bytes belong to the set: the lanes of words say what a loop
 * over bytes says
 * bound: texts up to 12 bytes, the set of a field's name
 * not: the lane of eight words at once: the same code, repeated
 * models: 64 32 64be 32be size
 * with: --unwind 18 */
void prove_span(void)
{
    static const struct mmd_alphabet token = {'0', '-', "!#$%&'*+.^_`|~"};
    size_t len = any_length(12), at = any_length(11);
    char *s = any_bytes(len);
    size_t n = mmd_span(s, len, &token);

    PROVE(n <= len);
    PROVE(at >= n || belongs((unsigned char)s[at], &token));
    PROVE(n == len || !belongs((unsigned char)s[n], &token));
    REACHED(n == 9 && len == 12);
}

/* PROOF mmd_hex_digit
 * proved: what strtol says
 * bound: all
 * models: 64 arm
 * with: --unwind 17 */
void prove_hex_digit(void)
{
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";
    unsigned char c = (unsigned char)nondet_char();
    int digit = mmd_hex_digit(c);

    PROVE(digit >= -1 && digit < 16);
    PROVE(digit < 0 || c == digits[digit] || c == capitals[digit]);
    size_t i = any_length(15);
    PROVE(digit >= 0 || (c != digits[i] && c != capitals[i]));
    REACHED(digit == 15 && c == 'F');
}

/* What RFC 3629 says, by way of the character: the shortest form, no surrogate, up to U+10FFFF. */
static size_t utf8_by_value(const unsigned char *s, size_t len)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    uint32_t c = s[0], least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (n == 0 || n > len)
        return 0;
    if (n > 1)
        c &= 0x7Fu >> n;
    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        c = c << 6 | (s[i] & 0x3F);
    }
    return c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) ? n : 0;
}

/* PROOF mmd_utf8_sequence
 * proved: the length that decoding the character gives, and 0 for all that RFC 3629 forbids
 * bound: all
 * models: 64 32be arm
 * with: --unwind 6 */
void prove_utf8_sequence(void)
{
    size_t len = any_length(5);
    ASSUME(len > 0);
    char *s = any_bytes(len);
    size_t n = mmd_utf8_sequence(s, len);

    PROVE(n == utf8_by_value((unsigned char *)s, len));
    REACHED(n == 4);
}

static int two(const char *digits)
{
    return (digits[0] - '0') * 10 + (digits[1] - '0');
}

/* PROOF mmd_http_date
 * proved: takes just IMF-fixdate: digits where it has digits, a month's name, all other characters
 * as they are there, days up to 31, years from 1900 on, times of the day up to a leap second; gives
 * a time within the years 1900 to 9999
 * bound: all
 * not: which time, that test_text compares; the day of the week, which is not looked at
 * models: 64 arm
 * with: --unwind 33 */
void prove_http_date(void)
{
    size_t len = any_length(31);
    char *text = any_bytes(len);
    int64_t when = mmd_http_date(text, len);
    static const char form[] = "???, 00 ??? 0000 00:00:00 GMT",
                      months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    bool right = len == sizeof form - 1, is_month = false;

    for (size_t i = 0; right && i < len; i++)
        right = form[i] == '0' ? text[i] >= '0' && text[i] <= '9'
                               : form[i] == '?' || text[i] == form[i];
    for (size_t i = 0; right && i < 12; i++)
        is_month |= same(text + 8, months[i], 3);
    right = right && is_month && two(text + 5) >= 1 && two(text + 5) <= 31 &&
            two(text + 12) >= 19 && two(text + 17) <= 23 && two(text + 20) <= 59 &&
            two(text + 23) <= 60;
    PROVE(when == -1 || (when >= -2208988800 && when <= 253402300800));
    PROVE(right ? when != -1 || same(text + 5, "31 Dec 1969 23:59:59", 20) : when == -1);
    REACHED(when == 784111777);
}

/* Whether a text has "already closed" in it, in any case of letters. */
static bool says_already_closed(const char *text)
{
    static const char small[] = "already closed", capital[] = "ALREADY CLOSED";
    size_t len = strlen(text);

    for (size_t at = 0; at + sizeof small - 1 <= len; at++) {
        bool is_there = true;
        for (size_t i = 0; i < sizeof small - 1; i++)
            is_there &= text[at + i] == small[i] || text[at + i] == capital[i];
        if (is_there)
            return true;
    }
    return false;
}

/* PROOF mmd_outcome
 * proved: every result has an outcome; "closed" just if there was no error; "already closed" just
 * for a 400 whose message has these words, in any case of letters; "not verified" and "internal"
 * only when nothing was sent
 * bound: messages up to 16 bytes, all errors, statuses and deliveries
 * models: 64 arm
 * with: --unwind 18 */
void prove_outcome(void)
{
    struct mmd_result result;

    result.message = any_text(16);
    result.error = nondet_int();
    result.status = nondet_int();
    int delivery = nondet_int();
    ASSUME(delivery >= MMD_NOT_SENT && delivery <= MMD_MAYBE_SENT);
    result.delivery = (enum mmd_delivery)delivery;
    int outcome = (int)mmd_outcome(&result);
    PROVE((outcome == MMD_OUTCOME_CLOSED) == (result.error == MMD_OK));
    PROVE(outcome >= MMD_OUTCOME_CLOSED && outcome <= MMD_OUTCOME_CLOCK_NOT_SET);
    PROVE((outcome == MMD_OUTCOME_ALREADY_CLOSED) ==
          (result.error == MMD_ERR_STATUS && result.status == 400 &&
           says_already_closed(result.message)));
    if (outcome == MMD_OUTCOME_NOT_VERIFIED || outcome == MMD_OUTCOME_INTERNAL)
        PROVE(result.delivery == MMD_NOT_SENT);
    REACHED(outcome == MMD_OUTCOME_ALREADY_CLOSED && result.message[0] == 'x' &&
            result.message[1] == 'A' && result.message[2] == 'l');
}

/* PROOF make_printable
 * proved: leaves UTF-8 of the same length without control characters: none below U+0020, no DEL,
 * none of U+0080 to U+009F; what it changes becomes "?"; printable ASCII stays
 * bound: texts up to 8 bytes
 * models: size arm
 * with: --unwind 10 --unwindset mmd_utf8_sequence.0:4,utf8_by_value.0:5,prove_make_printable.1:5 */
void prove_make_printable(void)
{
    char text[9];
    size_t len = any_length(8), at = any_length(7);

    for (size_t i = 0; i < len; i++)
        ASSUME(text[i] != '\0');
    text[len] = '\0';
    unsigned char old = (unsigned char)text[at];
    make_printable(text);
    if (at >= len)
        return;
    unsigned char c = (unsigned char)text[at];
    PROVE(c >= 0x20 && c != 0x7F);
    PROVE(c == old || (c == '?' && (old < 0x20 || old >= 0x7F)));
    PROVE(c != 0xC2 || (unsigned char)text[at + 1] >= 0xA0);
    /* it belongs to a well-formed sequence, which begins up to three bytes before */
    bool is_in = false;
    for (size_t back = 0; back < 4 && back <= at; back++)
        is_in |= utf8_by_value((unsigned char *)text + at - back, len - at + back) > back;
    PROVE(is_in);
    PROVE(strlen(text) == len);
    REACHED(len == 8 && at == 7 && c == 0xBF);
    REACHED(len == 8 && at == 3 && old == 0x9F && c == '?');
}

/* Whether a piece of a text is one of the secret, too. */
static bool is_piece(const char *piece, size_t piece_len, const char *secret, size_t len)
{
    for (size_t i = 0; i + piece_len <= len; i++)
        if (same(piece, secret + i, piece_len))
            return true;
    return false;
}

static void check_contains(size_t piece_len)
{
    size_t len = any_length(18);
    char *secret = any_bytes(len), piece[PIECE];

    PROVE(contains(secret, len, piece, piece_len) == is_piece(piece, piece_len, secret, len));
    REACHED(len == 18 && contains(secret + 2, 16, piece, piece_len) && secret[2] != secret[17]);
}

/* PROOF contains
 * proved: whether the 16 bytes are anywhere in the secret
 * bound: secrets up to 18 bytes
 * models: size arm
 * with: --unwind 18 --unwindset contains.0:4,is_piece.0:4 */
void prove_contains(void)
{
    check_contains(PIECE);
}

/* PROOF contains(short)
 * proved: the same of fewer bytes
 * bound: 14 bytes; secrets up to 18
 * models: size arm
 * with: --unwind 18 --unwindset contains.0:6,is_piece.0:6 */
void prove_contains_short(void)
{
    check_contains(14);
}

static char shown[20], old[20];
static bool is_secret[20]; /* whether the piece that begins there is */
static size_t piece;

bool contract_of_contains(const char *secret, size_t len, const char *from, size_t piece_len)
{
    size_t at = (size_t)(from - shown);

    PROVE(piece_len == piece && __CPROVER_r_ok(secret, len) && __CPROVER_r_ok(from, piece));
    PROVE(same(from, old + at, piece)); /* it is not starred before it is looked at */
    return is_secret[at];
}

static void check_cover(const char *secret, size_t max)
{
    size_t len = any_length(max), at = any_length(sizeof shown - 1), from = any_length(at);
    bool was_secret = false, is_alone = true;

    for (size_t i = 0; i < sizeof shown; i++) {
        old[i] = shown[i] = nondet_char();
        is_secret[i] = i + piece <= len && nondet_bool();
    }
    cover(shown, len, secret);
    for (size_t i = 0; i < sizeof shown; i++) {
        was_secret |= is_secret[i] && i <= at && at - i < piece;
        is_alone &= !is_secret[i] || i >= from || from - i >= piece;
    }
    PROVE(shown[at] == old[at] || (shown[at] == '*' && was_secret));
    if (is_secret[from]) {
        PROVE(shown[from] == '*' || shown[from + piece - 1] == '*');
        PROVE(!is_alone || at - from >= piece || shown[at] == '*');
    }
    REACHED(was_secret && len == max && at == max - 1 && shown[at] == '*' && is_secret[0]);
    REACHED(was_secret && old[at] != '*' && shown[at] == old[at]);
}

/* PROOF cover
 * proved: in bounds; of each piece that is in the secret, at least the first or the last byte is
 * starred, and so 16 bytes of it never stay; all of it, unless a piece begins less than 16 bytes
 * before; nothing is starred that belongs to no piece
 * bound: texts of up to 20 bytes, any pieces of it secret
 * not: that each piece is starred as a whole: of two that overlap without making one, up to 15
 * bytes of the second may stay
 * models: size arm
 * with: --unwind 22 --unwindset cover.0:7,cover.1:7,same.0:17
 * replaced: contains:contract_of_contains */
void prove_cover(void)
{
    piece = PIECE;
    check_cover("a secret of 20 bytes", sizeof shown);
}

/* PROOF cover(short)
 * proved: the same of a secret that is shorter than a piece, which then is all of it
 * bound: a secret of 14 bytes; texts of up to 17, wherever it may be in them
 * models: size arm
 * with: --unwind 22 --unwindset cover.0:6,cover.1:6,same.0:15
 * replaced: contains:contract_of_contains */
void prove_cover_short(void)
{
    piece = 14;
    check_cover("fourteen bytes", 17);
}
