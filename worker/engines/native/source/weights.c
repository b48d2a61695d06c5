/* Reads weights.bin: worker/engines/weights.py describes the file. */
#include "engine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger sizes could overflow the arithmetic below or the sums of a product. */
enum { VERSION = 2, HEADER = 64, LARGEST = 1 << 16, MOST_WORDS = 1 << 22, MOST_LAYERS = 256 };

/* The place of the next array. `at` is beyond `size` once something did not fit. */
typedef struct {
    const uint8_t *file;
    size_t at, size;
} cursor;

static const void *take(cursor *c, size_t count, size_t bytes)
{
    size_t start = (c->at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (start > c->size || count > (c->size - start) / bytes) {
        c->at = c->size + 1;
        return NULL;
    }
    c->at = start + count * bytes;
    return c->file + start;
}

static const float *floats(cursor *c, size_t count)
{
    return take(c, count, sizeof(float));
}

static linear take_linear(cursor *c, int inputs, int outputs)
{
    linear l = {.inputs = inputs, .outputs = outputs};
    l.panels = take(c, (size_t)inputs * outputs, 1);
    l.scales = floats(c, outputs);
    l.bias = floats(c, outputs);
    l.excess = take(c, outputs, sizeof(int32_t));
    return l;
}

static norm take_norm(cursor *c, int width)
{
    norm n;
    n.weight = floats(c, width);
    n.bias = floats(c, width);
    return n;
}

static table take_table(cursor *c, size_t entries, int width)
{
    table t;
    t.rows = take(c, entries * width, 1);
    t.scales = floats(c, entries);
    return t;
}

static int between(int value, int least, int most)
{
    return value >= least && value <= most;
}

/* Whether the sizes are possible and fit the vectors. */
static int sizes_fit(const model *m)
{
    if (!between(m->layers, 1, MOST_LAYERS) || !between(m->width, PANEL, LARGEST) || !between(m->hidden, PANEL, LARGEST)
        || !between(m->heads, 1, m->width) || !between(m->vocabulary, 1, MOST_WORDS)
        || !between(m->positions, 1, LARGEST) || !between(m->labels, 1, LARGEST)
        || !between(m->embedding, PANEL, LARGEST) || m->embedding % PANEL
        || !between(m->padding, -1, m->vocabulary - 1) || longest(m) < 1)
        return 0;
    int lanes = m->width / m->heads / LANES;
    return m->width % PANEL == 0 && m->hidden % PANEL == 0 && m->width == m->heads * lanes * LANES
        && (lanes == 1 || lanes == 2 || lanes == 4 || lanes == 8);
}

static int read_header(model *m)
{
    int32_t head[12];
    if (m->size < HEADER || memcmp(m->file, "SNTW", 4) != 0)
        return 0;
    memcpy(head, m->file + 4, sizeof head);
    m->layers = head[1], m->width = head[2], m->hidden = head[3], m->heads = head[4];
    m->vocabulary = head[5], m->positions = head[6], m->labels = head[7];
    memcpy(&m->epsilon, &head[8], sizeof m->epsilon);
    if (head[0] == 1) /* the forms of DistilBERT alone: nothing is read from the rest */
        head[9] = head[10] = head[11] = 0;
    m->embedding = head[9] ? head[9] : m->width;
    m->projected = head[9] != 0;
    if (!between(head[0], 1, VERSION) || !between(head[10], 0, HEADS - 1) || head[11] < 0)
        return 0;
    m->head = head[10];
    m->padding = head[11] - 1;
    return sizes_fit(m);
}

static int read_arrays(model *m)
{
    cursor c = {m->file, HEADER, m->size};
    m->layer = calloc(m->layers, sizeof *m->layer);
    if (!m->layer)
        return 0;
    m->words = take_table(&c, m->vocabulary, m->embedding);
    m->places = take_table(&c, m->positions, m->embedding);
    m->embedding_norm = take_norm(&c, m->embedding);
    if (m->projected)
        m->projection = take_linear(&c, m->embedding, m->width);
    for (layer *l = m->layer; l < m->layer + m->layers; l++) {
        l->attention = take_linear(&c, m->width, 3 * m->width);
        l->output = take_linear(&c, m->width, m->width);
        l->attention_norm = take_norm(&c, m->width);
        l->expand = take_linear(&c, m->width, m->hidden);
        l->contract = take_linear(&c, m->hidden, m->width);
        l->output_norm = take_norm(&c, m->width);
    }
    m->pooler = take_linear(&c, m->width, m->width);
    m->classifier = floats(&c, (size_t)m->labels * m->width);
    m->classifier_bias = floats(&c, m->labels);
    return c.at == c.size;
}

/* Map a file that processes share; its pages are read now, not during the first pass. */
static const uint8_t *map_file(const char *path, size_t *size)
{
    struct stat status;
    void *bytes = MAP_FAILED;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    if (fstat(file, &status) == 0 && status.st_size > 0)
        bytes = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    close(file);
    *size = status.st_size;
    return bytes == MAP_FAILED ? NULL : bytes;
}

model *model_open(const char *path)
{
    model *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->file = map_file(path, &m->size);
    if (m->file && read_header(m) && read_arrays(m))
        return m;
    model_close(m);
    return NULL;
}

void model_close(model *m)
{
    if (!m)
        return;
    if (m->file)
        munmap((void *)m->file, m->size);
    free(m->layer);
    free(m);
}
