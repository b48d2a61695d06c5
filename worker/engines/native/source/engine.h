/* A sequence classifier of the BERT family in int8, one thread, any number of texts a pass without padding.
 *
 * Weights are int8 with a scale for each output, activations unsigned 8 bit with a scale for each token; norms, softmax
 * and GELU are fp32. Every variant gives the same bits: sums run in 16 lanes in a fixed order, and a fused
 * multiply-add is written where one is meant. The result for a text depends on that text alone. */
#ifndef SENTIMENT_ENGINE_H
#define SENTIMENT_ENGINE_H

#include <stddef.h>
#include <stdint.h>

enum { PANEL = 32, STEP = 4, LANES = 16, ALIGNMENT = 64 };

/* A matrix product with bias. `panels` is [outputs / 32][inputs / 4][32 outputs][4 inputs]. */
typedef struct {
    int inputs, outputs;
    const int8_t *panels;
    const float *scales, *bias;
    const int32_t *excess; /* 128 times the sum of each column: activations are stored with 128 added */
} linear;

typedef struct {
    const float *weight, *bias;
} norm;

/* An embedding table, [entries][width], with a scale for each row. */
typedef struct {
    const int8_t *rows;
    const float *scales;
} table;

typedef struct {
    linear attention; /* queries, keys and values: 3 * width outputs */
    linear output;
    norm attention_norm;
    linear expand, contract;
    norm output_norm;
} layer;

typedef struct model model;
typedef struct arena arena;

/* The function between the two products behind the encoder. The numbers are those of the file. */
typedef enum { HEAD_RELU, HEAD_TANH, HEAD_GELU, HEADS } head;

/* The code of one instruction set. */
typedef struct {
    const char *name;
    int (*fits)(const model *);
    void (*forward)(const model *, arena *, const int32_t *ids, const int32_t *lengths, int texts, float *logits);
    void (*quantise)(const float *values, int rows, int columns, uint8_t *bytes, float *scales);
    void (*integers)(const linear *, const uint8_t *bytes, int rows, int32_t *sums);
} variant;

struct model {
    int layers, width, hidden, heads, vocabulary, positions, labels;
    int embedding; /* width of the tables */
    int padding;   /* the token that takes row 0 of the places and none of its own; -1 where there is none */
    float epsilon;
    head head;
    table words, places;
    norm embedding_norm;
    int projected;
    linear projection; /* from the tables' width to the encoder's, where `projected` */
    layer *layer;
    linear pooler;
    const float *classifier, *classifier_bias; /* fp32, [labels][width] and [labels] */
    const variant *variant;
    const uint8_t *file;
    size_t size;
};

/* Memory of one thread for passes of at most `tokens` tokens. Rows of `bytes` have room for a whole tile behind them. */
struct arena {
    int tokens;
    float *hidden;    /* [tokens][width] */
    float *attended;  /* [tokens][width] */
    float *wide;      /* [tokens][max(3 * width, hidden, embedding)] */
    float *scales;    /* [tokens] */
    float *keys;      /* [head width][positions, rounded up]: the keys of one head, transposed */
    float *shares;    /* [4][positions, rounded up]: attention of four queries */
    uint8_t *bytes;   /* [tokens + 32][max(width, hidden, embedding)] */
};

/* Tokens of the longest text: each takes a row of the places, and a padding token's row is none of them. */
static inline int longest(const model *m)
{
    return m->positions - (m->padding >= 0);
}

/* weights.c: map a file and check every size in it; NULL if it is not such a file. */
model *model_open(const char *path);
void model_close(model *);

extern const variant portable, avx_vnni, avx512_vnni, amx_int8;

#endif
