/* Functions over vectors and rows: exponential, GELU, layer normalisation, quantisation. */

/* e to the power of x <= 0, within 2 units of the last place; below -86, where fp32 gets coarse, as if at -86. */
static inline v16 exponential(v16 x)
{
    x = v_max(x, v_all(-86.0f));
    v16 n = v_round(v_mul(x, v_all(1.44269504f)));
    /* x = n * ln 2 + f, with ln 2 in two parts so that the subtraction is exact enough. */
    v16 f = v_fma(n, v_all(-0.693359375f), x);
    f = v_fma(n, v_all(2.12194440e-4f), f);
    v16 p = v_all(1.9875691500e-4f);
    p = v_fma(p, f, v_all(1.3981999507e-3f));
    p = v_fma(p, f, v_all(8.3334519073e-3f));
    p = v_fma(p, f, v_all(4.1665795894e-2f));
    p = v_fma(p, f, v_all(1.6666665459e-1f));
    p = v_fma(p, f, v_all(0.5f));
    return v_mul(v_fma(v_mul(f, f), p, v_add(f, v_all(1.0f))), v_power(n));
}

/* x times the share of a normal distribution below x; the error function by Abramowitz and Stegun 7.1.26 (1.5e-7). */
static inline v16 gelu(v16 x)
{
    v16 a = v_mul(v_abs(x), v_all(0.70710678f));
    v16 t = v_div(v_all(1.0f), v_fma(a, v_all(0.3275911f), v_all(1.0f)));
    v16 p = v_all(1.061405429f);
    p = v_fma(p, t, v_all(-1.453152027f));
    p = v_fma(p, t, v_all(1.421413741f));
    p = v_fma(p, t, v_all(-0.284496736f));
    p = v_fma(p, t, v_all(0.254829592f));
    v16 outside = v_mul(v_mul(p, t), exponential(v_mul(a, v_sub(v_all(0.0f), a))));
    v16 half = v_mul(outside, v_all(0.5f));
    return v_mul(x, v_if_positive(x, v_sub(v_all(1.0f), half), half));
}

/* The hyperbolic tangent, within 1e-7. */
static inline v16 hyperbolic(v16 x)
{
    v16 below = exponential(v_mul(v_abs(x), v_all(-2.0f))), one = v_all(1.0f);
    v16 size = v_div(v_sub(one, below), v_add(one, below));
    return v_if_positive(x, size, v_sub(v_all(0.0f), size));
}

static void normalise(float *values, int rows, int width, norm n, float epsilon)
{
    for (float *row = values; row < values + (size_t)rows * width; row += width) {
        v16 sum = v_all(0), squares = v_all(0);
        for (int k = 0; k < width; k += LANES)
            sum = v_add(sum, v_load(row + k));
        v16 mean = v_all(v_sum(sum) / (float)width);
        for (int k = 0; k < width; k += LANES) {
            v16 off = v_sub(v_load(row + k), mean);
            squares = v_fma(off, off, squares);
        }
        v16 factor = v_all(1.0f / sqrtf(v_sum(squares) / (float)width + epsilon));
        for (int k = 0; k < width; k += LANES) {
            v16 off = v_mul(v_sub(v_load(row + k), mean), factor);
            v_store(row + k, v_fma(off, v_load(n.weight + k), v_load(n.bias + k)));
        }
    }
}

/* Quantise each row to unsigned bytes around 128, by its largest magnitude; a row of zeros has the scale 1. */
static void quantise(const float *values, int rows, int columns, uint8_t *bytes, float *scales)
{
    for (int row = 0; row < rows; row++, values += columns, bytes += columns) {
        v16 largest = v_all(0);
        for (int k = 0; k < columns; k += LANES)
            largest = v_max(largest, v_abs(v_load(values + k)));
        float magnitude = v_largest(largest);
        scales[row] = magnitude > 0 ? magnitude / 127.0f : 1.0f;
        v16 inverse = v_all(1.0f / scales[row]);
        for (int k = 0; k < columns; k += LANES)
            v_store_bytes(bytes + k, v_mul(v_load(values + k), inverse));
    }
}
