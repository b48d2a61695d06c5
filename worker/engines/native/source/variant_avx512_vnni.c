/* AVX-512 with VNNI: Ice Lake, Sapphire Rapids, Zen 4 and later. */
#ifdef __x86_64__
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")
#include "engine.h"

#include <math.h>
#include <string.h>

#include "vector_avx512.h"

/* 13 rows of two registers are 26 sums; with two of the panel and one of a row, 29 of 32 registers. */
enum { TILE_ROWS = 13, SCORE_VECTORS = 4 };
#define START_TILES()
#define END_TILES()

#include "elementwise.h"
#include "product.h"
#include "tile_avx512.h"

static void tile(const uint8_t *bytes, int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    tile_avx512(bytes, rows, panel, inputs, sums);
}

#include "attention.h"
#include "encoder.h"

static int fits(const model *m)
{
    (void)m;
    return 1;
}

const variant avx512_vnni = {"avx512-vnni", fits, forward, quantise, integers};
#endif
