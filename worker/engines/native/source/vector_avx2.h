/* Sixteen fp32 lanes in two AVX registers. vector_portable.h says what each operation does. */
#include <immintrin.h>

typedef struct {
    __m256 low, high;
} v16;

static inline v16 v_load(const float *p) { return (v16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
static inline void v_store(float *p, v16 a) { _mm256_storeu_ps(p, a.low), _mm256_storeu_ps(p + 8, a.high); }
static inline v16 v_all(float x) { return (v16){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
static inline v16 v_add(v16 a, v16 b) { return (v16){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
static inline v16 v_sub(v16 a, v16 b) { return (v16){_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)}; }
static inline v16 v_mul(v16 a, v16 b) { return (v16){_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
static inline v16 v_div(v16 a, v16 b) { return (v16){_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
static inline v16 v_max(v16 a, v16 b) { return (v16){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }

static inline v16 v_fma(v16 a, v16 b, v16 c)
{
    return (v16){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}

static inline v16 v_abs(v16 a)
{
    __m256 sign = _mm256_set1_ps(-0.0f);
    return (v16){_mm256_andnot_ps(sign, a.low), _mm256_andnot_ps(sign, a.high)};
}

static inline v16 v_round(v16 a)
{
    enum { NEAREST = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC };
    return (v16){_mm256_round_ps(a.low, NEAREST), _mm256_round_ps(a.high, NEAREST)};
}

static inline __m256i load_integers(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

static inline v16 v_difference(const int32_t *p, const int32_t *q)
{
    return (v16){_mm256_cvtepi32_ps(_mm256_sub_epi32(load_integers(p), load_integers(q))),
                 _mm256_cvtepi32_ps(_mm256_sub_epi32(load_integers(p + 8), load_integers(q + 8)))};
}

static inline v16 v_bytes(const int8_t *p)
{
    return (v16){_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p))),
                 _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8))))};
}

static inline void v_store_bytes(uint8_t *p, v16 a)
{
    __m256i bias = _mm256_set1_epi32(128);
    __m256i low = _mm256_add_epi32(_mm256_cvtps_epi32(a.low), bias);
    __m256i high = _mm256_add_epi32(_mm256_cvtps_epi32(a.high), bias);
    /* Packing works within halves of a register, so the quarters are put in order afterwards. */
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0));
    __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128((__m128i *)p, bytes);
}

static inline __m256 power(__m256 a)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(a), _mm256_set1_epi32(127)), 23));
}

static inline v16 v_power(v16 a) { return (v16){power(a.low), power(a.high)}; }

static inline __m256 if_positive(__m256 test, __m256 yes, __m256 no)
{
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(test, _mm256_setzero_ps(), _CMP_GT_OQ));
}

static inline v16 v_if_positive(v16 test, v16 yes, v16 no)
{
    return (v16){if_positive(test.low, yes.low, no.low), if_positive(test.high, yes.high, no.high)};
}

/* All bits of the lanes below `count`. */
static inline __m256 below(int count)
{
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
}

static inline v16 v_first(v16 a, int count, float rest)
{
    __m256 other = _mm256_set1_ps(rest);
    return (v16){_mm256_blendv_ps(other, a.low, below(count)), _mm256_blendv_ps(other, a.high, below(count - 8))};
}

static inline v16 v_gather(const float *p, int stride, int count)
{
    __m256i at = _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(stride));
    __m256i high = _mm256_add_epi32(at, _mm256_set1_epi32(8 * stride));
    __m256 zero = _mm256_setzero_ps();
    return (v16){_mm256_mask_i32gather_ps(zero, p, at, below(count), sizeof(float)),
                 _mm256_mask_i32gather_ps(zero, p, high, below(count - 8), sizeof(float))};
}

static inline float v_sum(v16 a)
{
    __m256 b = _mm256_add_ps(a.low, a.high);
    __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_add_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_add_ss(c, _mm_movehdup_ps(c)));
}

static inline float v_largest(v16 a)
{
    __m256 b = _mm256_max_ps(a.low, a.high);
    __m128 c = _mm_max_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
    c = _mm_max_ps(c, _mm_movehl_ps(c, c));
    return _mm_cvtss_f32(_mm_max_ss(c, _mm_movehdup_ps(c)));
}
