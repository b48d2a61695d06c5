/* Attention of one text, in fp32: for each head, four queries at a time against all keys. */

enum { QUERIES = 4, BLOCK = SCORE_VECTORS * LANES };

typedef struct {
    const float *queries, *keys, *values; /* [tokens][stride] */
    int query_stride, stride, tokens, asked; /* `asked` of the tokens have a query */
} sequence;

/* Transpose the keys of a head to [width][padded], with zeros behind the last token. */
static void transpose_keys(const sequence *s, const float *keys, int width, int padded, float *out)
{
    for (int token = 0; token < padded; token += LANES)
        for (int k = 0; k < width; k++)
            v_store(out + k * padded + token, v_gather(keys + (size_t)token * s->stride + k, s->stride, s->tokens - token));
}

/* Scores of four queries and `vectors` * 16 keys, stored at out[query][padded]. */
static inline __attribute__((always_inline)) void score(
    const float *const *query, const float *keys, int width, int padded, const int vectors, v16 factor, float *out)
{
    v16 sum[QUERIES][SCORE_VECTORS];
#pragma GCC unroll 4
    for (int q = 0; q < QUERIES; q++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++)
            sum[q][v] = v_all(0);
    for (int k = 0; k < width; k++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            v16 key = v_load(keys + k * padded + v * LANES);
#pragma GCC unroll 4
            for (int q = 0; q < QUERIES; q++)
                sum[q][v] = v_fma(v_all(query[q][k]), key, sum[q][v]);
        }
#pragma GCC unroll 4
    for (int q = 0; q < QUERIES; q++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++)
            v_store(out + q * padded + v * LANES, v_mul(sum[q][v], factor));
}

/* Turn one query's scores into exponentials, zero behind the last token; return one divided by their sum. */
static inline float soften(float *scores, int tokens, int padded)
{
    v16 most = v_all(-INFINITY), sum = v_all(0);
    for (int t = 0; t < padded; t += LANES)
        most = v_max(most, v_first(v_load(scores + t), tokens - t, -INFINITY));
    most = v_all(v_largest(most));
    for (int t = 0; t < padded; t += LANES) {
        v16 share = v_first(exponential(v_sub(v_load(scores + t), most)), tokens - t, 0);
        sum = v_add(sum, share);
        v_store(scores + t, share);
    }
    return 1.0f / v_sum(sum);
}

/* out[query] = the sum of the values, weighted by the query's shares; `vectors` * 16 is the width of a head. */
static inline __attribute__((always_inline)) void mix(
    const sequence *s, const float *values, const float *shares, int padded, const float *factor, const int vectors,
    float *out, int stride, int queries)
{
    for (int first = 0; first < vectors; first += SCORE_VECTORS) {
        const int part = vectors < SCORE_VECTORS ? vectors : SCORE_VECTORS;
        v16 sum[QUERIES][SCORE_VECTORS];
#pragma GCC unroll 4
        for (int q = 0; q < QUERIES; q++)
#pragma GCC unroll 4
            for (int v = 0; v < part; v++)
                sum[q][v] = v_all(0);
        for (int token = 0; token < s->tokens; token++)
#pragma GCC unroll 4
            for (int v = 0; v < part; v++) {
                v16 value = v_load(values + (size_t)token * s->stride + (first + v) * LANES);
#pragma GCC unroll 4
                for (int q = 0; q < QUERIES; q++)
                    sum[q][v] = v_fma(v_all(shares[q * padded + token]), value, sum[q][v]);
            }
        for (int q = 0; q < queries; q++)
#pragma GCC unroll 4
            for (int v = 0; v < part; v++)
                v_store(out + (size_t)q * stride + (first + v) * LANES, v_mul(sum[q][v], v_all(factor[q])));
    }
}

static inline __attribute__((always_inline)) void attend_head(
    const sequence *s, const float *queries, const float *values, const int vectors, arena *a, float *out, int stride)
{
    const int width = vectors * LANES, padded = (s->tokens + LANES - 1) / LANES * LANES;
    v16 factor = v_all(1.0f / sqrtf((float)width));
    for (int first = 0; first < s->asked; first += QUERIES) {
        int queries_here = s->asked - first < QUERIES ? s->asked - first : QUERIES, at = 0;
        const float *query[QUERIES];
        float inverse[QUERIES];
        for (int q = 0; q < QUERIES; q++) /* the last query again where there are fewer than four */
            query[q] = queries + (size_t)(first + (q < queries_here ? q : queries_here - 1)) * s->query_stride;
        for (; at + BLOCK <= padded; at += BLOCK)
            score(query, a->keys + at, width, padded, SCORE_VECTORS, factor, a->shares + at);
        for (; at < padded; at += LANES)
            score(query, a->keys + at, width, padded, 1, factor, a->shares + at);
        for (int q = 0; q < QUERIES; q++)
            inverse[q] = soften(a->shares + q * padded, s->tokens, padded);
        mix(s, values, a->shares, padded, inverse, vectors, out + (size_t)first * stride, stride, queries_here);
    }
}

/* Attention of all heads to out[asked][heads * width]; `out` may be the queries themselves. */
static void attend(const sequence *s, int heads, int width, arena *a, float *out)
{
    const int padded = (s->tokens + LANES - 1) / LANES * LANES;
    for (int head = 0; head < heads; head++) {
        const float *queries = s->queries + head * width, *values = s->values + head * width;
        float *to = out + head * width;
        transpose_keys(s, s->keys + head * width, width, padded, a->keys);
        switch (width / LANES) {
        case 1: attend_head(s, queries, values, 1, a, to, heads * width); break;
        case 2: attend_head(s, queries, values, 2, a, to, heads * width); break;
        case 4: attend_head(s, queries, values, 4, a, to, heads * width); break;
        default: attend_head(s, queries, values, 8, a, to, heads * width); break;
        }
    }
}
