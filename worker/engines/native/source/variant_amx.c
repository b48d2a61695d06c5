/* AMX: matrix units of Sapphire Rapids and later, with AVX-512 around them. */
#ifdef __x86_64__
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8")
#include "engine.h"

#include <math.h>
#include <string.h>

#include "vector_avx512.h"

/* Two tiles of at most 16 rows, each times two tiles of 16 columns. */
enum { TILE_ROWS = 32, SCORE_VECTORS = 4, DEPTH = 64 };

/* The shapes of the eight tile registers; the unit is configured for a thread while a pass runs. */
static void start_tiles(void)
{
    struct __attribute__((packed)) {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } shape = {.palette = 1};
    for (int i = 0; i < 8; i++)
        shape.row_bytes[i] = ALIGNMENT, shape.rows[i] = 16;
    _tile_loadconfig(&shape);
}

#define START_TILES() start_tiles()
#define END_TILES() _tile_release()

#include "elementwise.h"
#include "product.h"
#include "tile_avx512.h"

/* Sums of 16 rows or, in pairs of tiles, of 32. Rows behind the last are read too, and their sums ignored. */
static inline __attribute__((always_inline)) void add_up_tiles(
    const uint8_t *bytes, const int pairs, const int8_t *panel, int inputs, int32_t *sums)
{
    enum { LINE = PANEL * sizeof *sums };
    const uint8_t *lower = bytes + (size_t)16 * inputs;
    _tile_zero(0);
    _tile_zero(1);
    if (pairs) {
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int k = 0; k < inputs; k += DEPTH, panel += DEPTH * PANEL) {
        for (int line = 0; line < DEPTH * PANEL; line += ALIGNMENT)
            _mm_prefetch((const char *)panel + AHEAD + line, _MM_HINT_T0);
        _tile_loadd(6, panel, PANEL * STEP);
        _tile_loadd(7, panel + ALIGNMENT, PANEL * STEP);
        _tile_loadd(4, bytes + k, inputs);
        _tile_dpbusd(0, 4, 6);
        _tile_dpbusd(1, 4, 7);
        if (pairs) {
            _tile_loadd(5, lower + k, inputs);
            _tile_dpbusd(2, 5, 6);
            _tile_dpbusd(3, 5, 7);
        }
    }
    _tile_stored(0, sums, LINE);
    _tile_stored(1, sums + LANES, LINE);
    if (pairs) {
        _tile_stored(2, sums + 16 * PANEL, LINE);
        _tile_stored(3, sums + 16 * PANEL + LANES, LINE);
    }
}

static void tile(const uint8_t *bytes, int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    /* Few rows are multiplied faster without the matrix unit: a tile of it costs as much as 16. */
    if (rows <= 13)
        tile_avx512(bytes, rows, panel, inputs, sums);
    else if (rows <= 16)
        add_up_tiles(bytes, 0, panel, inputs, sums);
    else
        add_up_tiles(bytes, 1, panel, inputs, sums);
}

#include "attention.h"
#include "encoder.h"

static int fits(const model *m)
{
    return m->width % DEPTH == 0 && m->hidden % DEPTH == 0 && m->embedding % DEPTH == 0;
}

const variant amx_int8 = {"amx-int8", fits, forward, quantise, integers};
#endif
