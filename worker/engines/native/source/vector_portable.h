/* Sixteen fp32 lanes in plain C: the meaning of each operation, and the reference of the other variants. */
#include <math.h>
#include <string.h>

typedef struct {
    float lane[LANES];
} v16;

#define EACH(expression)                                                                                               \
    v16 r;                                                                                                             \
    for (int i = 0; i < LANES; i++)                                                                                    \
        r.lane[i] = (expression);                                                                                      \
    return r

static inline v16 v_load(const float *p) { EACH(p[i]); }
static inline void v_store(float *p, v16 a) { memcpy(p, a.lane, sizeof a.lane); }
static inline v16 v_all(float x) { EACH(x); }
static inline v16 v_add(v16 a, v16 b) { EACH(a.lane[i] + b.lane[i]); }
static inline v16 v_sub(v16 a, v16 b) { EACH(a.lane[i] - b.lane[i]); }
static inline v16 v_mul(v16 a, v16 b) { EACH(a.lane[i] * b.lane[i]); }
static inline v16 v_div(v16 a, v16 b) { EACH(a.lane[i] / b.lane[i]); }
static inline v16 v_max(v16 a, v16 b) { EACH(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]); }
static inline v16 v_abs(v16 a) { EACH(fabsf(a.lane[i])); }

/* a * b + c, rounded once. */
static inline v16 v_fma(v16 a, v16 b, v16 c) { EACH(fmaf(a.lane[i], b.lane[i], c.lane[i])); }

/* To the nearest integer, halves to the even one. */
static inline v16 v_round(v16 a) { EACH(nearbyintf(a.lane[i])); }

/* p - q of integers. */
static inline v16 v_difference(const int32_t *p, const int32_t *q)
{
    EACH((float)(int32_t)((uint32_t)p[i] - (uint32_t)q[i]));
}

static inline v16 v_bytes(const int8_t *p) { EACH(p[i]); }

/* Round, add 128, and store as unsigned bytes; what is no number is stored as any byte. */
static inline void v_store_bytes(uint8_t *p, v16 a)
{
    for (int i = 0; i < LANES; i++)
        p[i] = a.lane[i] >= 127 ? 255 : a.lane[i] > -128 ? (uint8_t)((int)nearbyintf(a.lane[i]) + 128) : 0;
}

/* Two to the power of an integer from -126 to 127. */
static inline v16 v_power(v16 a) { EACH(a.lane[i] >= -126 && a.lane[i] <= 127 ? ldexpf(1, (int)a.lane[i]) : NAN); }

static inline v16 v_if_positive(v16 test, v16 yes, v16 no) { EACH(test.lane[i] > 0 ? yes.lane[i] : no.lane[i]); }

/* The first `count` lanes of a, `rest` in the others. */
static inline v16 v_first(v16 a, int count, float rest) { EACH(i < count ? a.lane[i] : rest); }

/* p[0], p[stride], p[2 * stride], ...: `count` of them, and zeros. */
static inline v16 v_gather(const float *p, int stride, int count) { EACH(i < count ? p[(size_t)i * stride] : 0); }

/* Fold halves onto each other: lanes 8 apart, then 4, 2 and 1. */
static inline float v_sum(v16 a)
{
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++)
            a.lane[i] += a.lane[i + half];
    return a.lane[0];
}

static inline float v_largest(v16 a)
{
    float largest = a.lane[0];
    for (int i = 1; i < LANES; i++)
        largest = a.lane[i] > largest ? a.lane[i] : largest;
    return largest;
}
