/* Run texts through a file of weights: driver WEIGHTS VARIANT ID,ID,... ...; prints the logits' bits in hexadecimal.
 * Without a variant it lists those that run here. Status 3: the file or the variant is refused; 4: the texts are. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sentiment_variant(unsigned index);
model *sentiment_open(const char *path, const char *name);
void sentiment_close(model *m);
arena *sentiment_arena(const model *m, int tokens);
void sentiment_release(arena *a);
int sentiment_forward(const model *m, arena *a, const int32_t *ids, const int32_t *lengths, int texts, float *logits);

int main(int count, char **argument)
{
    int32_t ids[4096], lengths[64];
    const char *name;
    if (count < 3) {
        for (unsigned i = 0; (name = sentiment_variant(i)); i++)
            if (*name)
                puts(name);
        return 0;
    }
    model *m = sentiment_open(argument[1], argument[2]);
    if (!m)
        return 3;
    int texts = count - 3, tokens = 0;
    for (int text = 0; text < texts; text++) {
        int first = tokens;
        for (char *at = argument[3 + text]; *at && tokens < 4096; at += *at == ',')
            ids[tokens++] = (int32_t)strtol(at, &at, 10);
        lengths[text] = tokens - first;
    }
    arena *a = sentiment_arena(m, tokens);
    float *logits = malloc((size_t)texts * m->labels * sizeof *logits);
    int refused = sentiment_forward(m, a, ids, lengths, texts, logits);
    for (int i = 0; !refused && i < texts * m->labels; i++) {
        uint32_t bits;
        memcpy(&bits, logits + i, sizeof bits);
        printf("%08x\n", bits);
    }
    free(logits);
    sentiment_release(a);
    sentiment_close(m);
    return refused ? 4 : 0;
}
