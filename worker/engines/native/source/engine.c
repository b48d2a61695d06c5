/* The functions that worker/engines/native calls, and the choice of a variant. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define EXPORT __attribute__((visibility("default")))

/* The largest tile: rows of bytes behind the last one are read, never used. */
enum { SPARE_ROWS = 32 };

typedef enum { OK, TOO_MANY_TOKENS, BAD_LENGTH, BAD_TOKEN } status;

static int always(void)
{
    return 1;
}

#ifdef __x86_64__
static int has_avx_vnni(void)
{
    unsigned a, b, c, d;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __get_cpuid_count(7, 1, &a, &b, &c, &d)
        && (a >> 4 & 1);
}

static int has_avx512_vnni(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma");
}

/* The kernel lets a process use the tile registers when it asks. */
static int has_amx(void)
{
    enum { REQUEST = 0x1023, TILE_DATA = 18, AMX_TILE = 24, AMX_INT8 = 25 };
    unsigned a, b, c, d;
    return has_avx512_vnni() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> AMX_TILE & 1) && (d >> AMX_INT8 & 1)
        && syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
}
#endif

/* From the fastest to the slowest. */
static const struct {
    const variant *code;
    int (*runs_here)(void);
} variants[] = {
#ifdef __x86_64__
    {&amx_int8, has_amx},
    {&avx512_vnni, has_avx512_vnni},
    {&avx_vnni, has_avx_vnni},
#endif
    {&portable, always},
};

/* Return the name of the variant at an index that this processor runs, "" for one that it lacks, NULL at the end. */
EXPORT const char *sentiment_variant(unsigned index)
{
    if (index >= sizeof variants / sizeof *variants)
        return NULL;
    return variants[index].runs_here() ? variants[index].code->name : "";
}

/* Map a file of weights for a variant; NULL if it is no such file, or the variant does not run here or does not fit it. */
EXPORT model *sentiment_open(const char *path, const char *name)
{
    model *m = model_open(path);
    for (size_t i = 0; m && i < sizeof variants / sizeof *variants; i++)
        if (strcmp(variants[i].code->name, name) == 0 && variants[i].runs_here() && variants[i].code->fits(m)) {
            m->variant = variants[i].code;
            return m;
        }
    model_close(m);
    return NULL;
}

EXPORT void sentiment_close(model *m)
{
    model_close(m);
}

/* Count labels, tokens of the longest text and so on: the sizes in the header's order. */
EXPORT void sentiment_sizes(const model *m, int32_t *sizes)
{
    const int32_t all[] = {m->layers, m->width, m->hidden, m->heads, m->vocabulary, longest(m), m->labels};
    memcpy(sizes, all, sizeof all);
}

static size_t largest(size_t one, size_t other)
{
    return one > other ? one : other;
}

static void *block(size_t count, size_t bytes)
{
    size_t size = (count * bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, size);
}

EXPORT void sentiment_release(arena *a)
{
    if (!a)
        return;
    void *blocks[] = {a->hidden, a->attended, a->wide, a->scales, a->keys, a->shares, a->bytes};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
    free(a);
}

/* Get memory for passes of at most `tokens` tokens, for one thread at a time; NULL if there is none. */
EXPORT arena *sentiment_arena(const model *m, int tokens)
{
    size_t rows = (size_t)tokens + SPARE_ROWS, inputs = largest(m->width, largest(m->hidden, m->embedding));
    size_t widest = largest(3 * (size_t)m->width, inputs);
    size_t padded = (m->positions + LANES - 1) / LANES * LANES;
    arena *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->tokens = tokens;
    a->hidden = block(rows * m->width, sizeof(float));
    a->attended = block(rows * m->width, sizeof(float));
    a->wide = block(rows * widest, sizeof(float));
    a->scales = block(rows, sizeof(float));
    a->keys = block(padded * (m->width / m->heads), sizeof(float));
    a->shares = block(padded * 4, sizeof(float));
    a->bytes = block(rows * inputs, 1);
    if (a->hidden && a->attended && a->wide && a->scales && a->keys && a->shares && a->bytes)
        return a;
    sentiment_release(a);
    return NULL;
}

static status check(const model *m, const arena *a, const int32_t *ids, const int32_t *lengths, int texts)
{
    int tokens = 0;
    for (int text = 0; text < texts; text++) {
        if (lengths[text] < 1 || lengths[text] > longest(m))
            return BAD_LENGTH;
        if (lengths[text] > a->tokens - tokens)
            return TOO_MANY_TOKENS;
        tokens += lengths[text];
    }
    for (int t = 0; t < tokens; t++)
        if (ids[t] < 0 || ids[t] >= m->vocabulary)
            return BAD_TOKEN;
    return OK;
}

/* Compute logits[texts][labels]. `ids` holds the tokens of all texts one after the other. */
EXPORT int sentiment_forward(
    const model *m, arena *a, const int32_t *ids, const int32_t *lengths, int texts, float *logits)
{
    status result = check(m, a, ids, lengths, texts);
    if (result == OK)
        m->variant->forward(m, a, ids, lengths, texts, logits);
    return result;
}

/* The integer parts, for tests and for measuring: rows to bytes and scales, and the sums of a layer's first product. */
EXPORT void sentiment_quantise(const model *m, const float *values, int rows, int columns, uint8_t *bytes, float *scales)
{
    m->variant->quantise(values, rows, columns, bytes, scales);
}

EXPORT void sentiment_integers(const model *m, int layer, const uint8_t *bytes, int rows, int32_t *sums)
{
    m->variant->integers(&m->layer[layer].attention, bytes, rows, sums);
}
