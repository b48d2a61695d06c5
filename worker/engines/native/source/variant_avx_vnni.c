/* AVX with VNNI in 256-bit registers: Alder Lake and later without AVX-512, Zen 5 in small cores. */
#ifdef __x86_64__
#pragma GCC target("avx2,fma,avxvnni")
#include "engine.h"

#include <math.h>
#include <string.h>

#include "vector_avx2.h"

/* Three rows of four registers are 12 sums; with one of a row, 13 of 16 registers. */
enum { TILE_ROWS = 3, SCORE_VECTORS = 1 };
#define START_TILES()
#define END_TILES()

#include "elementwise.h"
#include "product.h"

static inline __attribute__((always_inline)) void add_up(
    const uint8_t *bytes, const int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    __m256i sum[3][4];
#pragma GCC unroll 3
    for (int row = 0; row < rows; row++)
#pragma GCC unroll 4
        for (int part = 0; part < 4; part++)
            sum[row][part] = _mm256_setzero_si256();
    for (int k = 0; k < inputs; k += STEP, panel += PANEL * STEP) {
        _mm_prefetch((const char *)panel + 4096, _MM_HINT_T0);
        _mm_prefetch((const char *)panel + 4096 + ALIGNMENT, _MM_HINT_T0);
#pragma GCC unroll 3
        for (int row = 0; row < rows; row++) {
            int32_t four;
            memcpy(&four, bytes + (size_t)row * inputs + k, sizeof four);
            __m256i activation = _mm256_set1_epi32(four);
#pragma GCC unroll 4
            for (int part = 0; part < 4; part++)
                sum[row][part] = _mm256_dpbusd_avx_epi32(
                    sum[row][part], activation, _mm256_loadu_si256((const __m256i *)(panel + part * 32)));
        }
    }
#pragma GCC unroll 3
    for (int row = 0; row < rows; row++)
#pragma GCC unroll 4
        for (int part = 0; part < 4; part++)
            _mm256_store_si256((__m256i *)(sums + row * PANEL + part * 8), sum[row][part]);
}

static __attribute__((noinline)) void tile(const uint8_t *bytes, int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    if (rows == 3)
        add_up(bytes, 3, panel, inputs, sums);
    else if (rows == 2)
        add_up(bytes, 2, panel, inputs, sums);
    else
        add_up(bytes, 1, panel, inputs, sums);
}

#include "attention.h"
#include "encoder.h"

static int fits(const model *m)
{
    (void)m;
    return 1;
}

const variant avx_vnni = {"avx-vnni", fits, forward, quantise, integers};
#endif
