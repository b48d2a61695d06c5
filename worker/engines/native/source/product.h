/* The matrix product: unsigned bytes [rows][inputs] times a panelled int8 matrix.
 *
 * The variant has `tile`, which adds up at most TILE_ROWS rows times the 32 columns of one panel:
 *
 *          inputs (4 a step)                    32 columns
 *        ┌───────────────────┐               ┌──────────────┐
 *  rows  │ a b c d│ …        │      panel    │ step 0       │  each step: [32 columns][4 inputs], 128 bytes
 *        │ …               ──┼─────────────▶ │ step 1       │
 *        └───────────────────┘               │ …            │
 *                                            └──────────────┘
 *
 * Panels are the outer loop and blocks of rows the inner one, so each panel comes from memory once. The sums go to a small
 * buffer first: with the conversion in the same loop nest the compiler would keep the sums in memory. */

enum { SWEEP = 8 }; /* blocks of rows that share a panel while it is in the first-level cache */

typedef enum { PLAIN, GELU, ADDED } ending;

static void tile(const uint8_t *bytes, int rows, const int8_t *panel, int inputs, int32_t *sums);

/* sums[rows][32] of one panel to fp32: out = (sum - excess) * weight scale * row scale + bias, then the ending. */
static __attribute__((noinline)) void finish(
    const int32_t *sums, int rows, const linear *l, int column, const float *scales, float *out, int stride, ending end)
{
    for (int half = column; half < column + PANEL; half += LANES, sums += LANES) {
        v16 weight = v_load(l->scales + half), bias = v_load(l->bias + half);
        for (int row = 0; row < rows; row++) {
            float *to = out + (size_t)row * stride + half;
            v16 sum = v_mul(v_difference(sums + row * PANEL, l->excess + half), weight);
            v16 value = v_fma(sum, v_all(scales[row]), bias);
            if (end == GELU)
                value = gelu(value);
            if (end == ADDED)
                value = v_add(value, v_load(to));
            v_store(to, value);
        }
    }
}

/* Compute the columns from..to of a product. `out` is [rows][stride]; ADDED adds to the values that are there. */
static void product_columns(
    const linear *l, int from, int to, const uint8_t *bytes, const float *scales, int rows, float *out, int stride, ending end)
{
    int32_t sums[TILE_ROWS * PANEL] __attribute__((aligned(ALIGNMENT)));
    int blocks = (rows + TILE_ROWS - 1) / TILE_ROWS;
    for (int sweep = 0; sweep < blocks; sweep += SWEEP)
        for (int column = from; column < to; column += PANEL) {
            const int8_t *panel = l->panels + (size_t)column * l->inputs;
            for (int block = sweep; block < blocks && block < sweep + SWEEP; block++) {
                /* Blocks of even size: 26 rows are 13 and 13. */
                int first = (int)((long)rows * block / blocks), end_row = (int)((long)rows * (block + 1) / blocks);
                tile(bytes + (size_t)first * l->inputs, end_row - first, panel, l->inputs, sums);
                finish(sums, end_row - first, l, column, scales + first, out + (size_t)first * stride, stride, end);
            }
        }
}

static void product(const linear *l, const uint8_t *bytes, const float *scales, int rows, float *out, ending end)
{
    product_columns(l, 0, l->outputs, bytes, scales, rows, out, l->outputs, end);
}

/* The bare sums of a product, [rows][outputs], for tests and for measuring. */
static void integers(const linear *l, const uint8_t *bytes, int rows, int32_t *out)
{
    int32_t sums[TILE_ROWS * PANEL] __attribute__((aligned(ALIGNMENT)));
    START_TILES();
    for (int column = 0; column < l->outputs; column += PANEL)
        for (int first = 0; first < rows; first += TILE_ROWS) {
            int count = rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
            tile(bytes + (size_t)first * l->inputs, count, l->panels + (size_t)column * l->inputs, l->inputs, sums);
            for (int row = 0; row < count; row++)
                memcpy(out + (size_t)(first + row) * l->outputs + column, sums + row * PANEL, PANEL * sizeof *sums);
        }
    END_TILES();
}
