/* Plain C: the reference of the tests, far too slow to serve. */
#include "engine.h"

#include "vector_portable.h"

enum { TILE_ROWS = 4, SCORE_VECTORS = 1 };
#define START_TILES()
#define END_TILES()

#include "elementwise.h"
#include "product.h"

static void tile(const uint8_t *bytes, int rows, const int8_t *panel, int inputs, int32_t *sums)
{
    memset(sums, 0, rows * PANEL * sizeof *sums);
    for (int row = 0; row < rows; row++)
        for (int k = 0; k < inputs; k++)
            for (int column = 0; column < PANEL; column++)
                sums[row * PANEL + column] +=
                    bytes[row * inputs + k] * panel[k / STEP * PANEL * STEP + column * STEP + k % STEP];
}

#include "attention.h"
#include "encoder.h"

static int fits(const model *m)
{
    (void)m;
    return 1;
}

const variant portable = {"portable", fits, forward, quantise, integers};
