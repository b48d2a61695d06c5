/* Sums of at most 13 rows and one panel. The count of rows is a constant of each copy, so that sums stay in registers. */

/* Bytes of a panel that are fetched ahead: about what arrives from memory while as much is multiplied. */
enum { AHEAD = 8192 };

static inline __attribute__((always_inline)) void add_up(
    const uint8_t *bytes, const int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    __m512i left[13], right[13];
#pragma GCC unroll 13
    for (int row = 0; row < rows; row++)
        left[row] = right[row] = _mm512_setzero_si512();
    for (int k = 0; k < inputs; k += STEP, panel += PANEL * STEP) {
        __m512i first = _mm512_loadu_si512(panel), second = _mm512_loadu_si512(panel + ALIGNMENT);
        _mm_prefetch((const char *)panel + AHEAD, _MM_HINT_T0);
        _mm_prefetch((const char *)panel + AHEAD + ALIGNMENT, _MM_HINT_T0);
#pragma GCC unroll 13
        for (int row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, bytes + (size_t)row * inputs + k, sizeof four);
            __m512i activation = _mm512_set1_epi32(four);
            left[row] = _mm512_dpbusd_epi32(left[row], activation, first);
            right[row] = _mm512_dpbusd_epi32(right[row], activation, second);
        }
    }
#pragma GCC unroll 13
    for (int row = 0; row < rows; row++) {
        _mm512_store_si512(sums + row * PANEL, left[row]);
        _mm512_store_si512(sums + row * PANEL + LANES, right[row]);
    }
}

#define ROWS(count)                                                                                                    \
    case count:                                                                                                        \
        add_up(bytes, count, panel, inputs, sums);                                                                     \
        break

static __attribute__((noinline)) void tile_avx512(
    const uint8_t *bytes, int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    switch (rows) {
        ROWS(1);
        ROWS(2);
        ROWS(3);
        ROWS(4);
        ROWS(5);
        ROWS(6);
        ROWS(7);
        ROWS(8);
        ROWS(9);
        ROWS(10);
        ROWS(11);
        ROWS(12);
        ROWS(13);
    }
}
