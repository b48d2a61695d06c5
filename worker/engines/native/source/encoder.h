/* The forward pass, over the tokens of all texts one after the other. */

static void embed(const model *m, const int32_t *ids, int tokens, float *out)
{
    for (int t = 0; t < tokens; t++, out += m->embedding) {
        const int8_t *word = m->words.rows + (size_t)ids[t] * m->embedding;
        v16 scale = v_all(m->words.scales[ids[t]]);
        for (int k = 0; k < m->embedding; k += LANES)
            v_store(out + k, v_mul(v_bytes(word + k), scale));
    }
}

/* Padding tokens of a text, which its author wrote, share row 0; the others take the rows one after the other. */
static void add_places(const model *m, const int32_t *ids, int tokens, float *out)
{
    int next = m->padding >= 0;
    for (int t = 0; t < tokens; t++, out += m->embedding) {
        int place = ids[t] == m->padding ? 0 : next++;
        const int8_t *row = m->places.rows + (size_t)place * m->embedding;
        v16 scale = v_all(m->places.scales[place]);
        for (int k = 0; k < m->embedding; k += LANES)
            v_store(out + k, v_fma(v_bytes(row + k), scale, v_load(out + k)));
    }
}

/* The encoder's input of all texts, in arena->hidden. */
static void read_tokens(const model *m, const int32_t *ids, arena *a, const int32_t *lengths, int texts, int tokens)
{
    float *out = m->projected ? a->wide : a->hidden;
    for (int text = 0, token = 0; text < texts; token += lengths[text++]) {
        embed(m, ids + token, lengths[text], out + (size_t)token * m->embedding);
        add_places(m, ids + token, lengths[text], out + (size_t)token * m->embedding);
    }
    normalise(out, tokens, m->embedding, m->embedding_norm, m->epsilon);
    if (m->projected) {
        quantise(a->wide, tokens, m->embedding, a->bytes, a->scales);
        product(&m->projection, a->bytes, a->scales, tokens, a->hidden, PLAIN);
    }
}

/* The part of a layer behind its attention, on `rows` rows of arena->attended and arena->hidden. */
static void feed_forward(const model *m, const layer *l, arena *a, int rows)
{
    quantise(a->attended, rows, m->width, a->bytes, a->scales);
    product(&l->output, a->bytes, a->scales, rows, a->hidden, ADDED);
    normalise(a->hidden, rows, m->width, l->attention_norm, m->epsilon);
    quantise(a->hidden, rows, m->width, a->bytes, a->scales);
    product(&l->expand, a->bytes, a->scales, rows, a->wide, GELU);
    quantise(a->wide, rows, m->hidden, a->bytes, a->scales);
    product(&l->contract, a->bytes, a->scales, rows, a->hidden, ADDED);
    normalise(a->hidden, rows, m->width, l->output_norm, m->epsilon);
}

static void run_layer(const model *m, const layer *l, arena *a, const int32_t *lengths, int texts, int tokens)
{
    const int width = m->width;
    quantise(a->hidden, tokens, width, a->bytes, a->scales);
    product(&l->attention, a->bytes, a->scales, tokens, a->wide, PLAIN);
    const float *wide = a->wide;
    float *out = a->attended;
    for (int text = 0; text < texts; text++) {
        sequence s = {wide, wide + width, wide + 2 * width, 3 * width, 3 * width, lengths[text], lengths[text]};
        attend(&s, m->heads, width / m->heads, a, out);
        wide += (size_t)lengths[text] * 3 * width;
        out += (size_t)lengths[text] * width;
    }
    feed_forward(m, l, a, tokens);
}

/* The last layer: keys and values of all tokens, but queries and all that follows for the first token of each text, the
 * only one that is read. Leaves one row a text in arena->hidden. */
static void run_last_layer(const model *m, const layer *l, arena *a, const int32_t *lengths, int texts, int tokens)
{
    const int width = m->width;
    quantise(a->hidden, tokens, width, a->bytes, a->scales);
    product_columns(&l->attention, width, 3 * width, a->bytes, a->scales, tokens, a->wide, 3 * width, PLAIN);
    for (int text = 0, token = 0; text < texts; token += lengths[text++]) {
        memmove(a->hidden + (size_t)text * width, a->hidden + (size_t)token * width, width * sizeof(float));
        memmove(a->bytes + (size_t)text * width, a->bytes + (size_t)token * width, width);
        a->scales[text] = a->scales[token];
    }
    product_columns(&l->attention, 0, width, a->bytes, a->scales, texts, a->attended, width, PLAIN);
    const float *wide = a->wide;
    for (int text = 0; text < texts; text++) {
        float *row = a->attended + (size_t)text * width;
        sequence s = {row, wide + width, wide + 2 * width, width, 3 * width, lengths[text], 1};
        attend(&s, m->heads, width / m->heads, a, row);
        wide += (size_t)lengths[text] * 3 * width;
    }
    feed_forward(m, l, a, texts);
}

/* logits[texts][labels] of the first rows: a product with the head's function, then one in fp32. */
static void classify(const model *m, arena *a, int texts, float *logits)
{
    quantise(a->hidden, texts, m->width, a->bytes, a->scales);
    product(&m->pooler, a->bytes, a->scales, texts, a->attended, m->head == HEAD_GELU ? GELU : PLAIN);
    if (m->head != HEAD_GELU)
        for (float *at = a->attended; at < a->attended + (size_t)texts * m->width; at += LANES)
            v_store(at, m->head == HEAD_TANH ? hyperbolic(v_load(at)) : v_max(v_load(at), v_all(0)));
    for (int text = 0; text < texts; text++)
        for (int label = 0; label < m->labels; label++) {
            const float *row = a->attended + (size_t)text * m->width, *weight = m->classifier + (size_t)label * m->width;
            v16 sum = v_all(0);
            for (int k = 0; k < m->width; k += LANES)
                sum = v_fma(v_load(row + k), v_load(weight + k), sum);
            *logits++ = v_sum(sum) + m->classifier_bias[label];
        }
}

static void forward(const model *m, arena *a, const int32_t *ids, const int32_t *lengths, int texts, float *logits)
{
    int tokens = 0;
    START_TILES();
    for (int text = 0; text < texts; text++)
        tokens += lengths[text];
    read_tokens(m, ids, a, lengths, texts, tokens);
    for (int l = 0; l < m->layers - 1; l++)
        run_layer(m, m->layer + l, a, lengths, texts, tokens);
    run_last_layer(m, m->layer + m->layers - 1, a, lengths, texts, tokens);
    classify(m, a, texts, logits);
    END_TILES();
}
