// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over files without libFuzzer, so that every compiler builds and tests it.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        uint8_t *data = malloc(1 << 20);
        if (!f || !data) {
            perror(argv[i]);
            return 1;
        }
        size_t n = fread(data, 1, 1 << 20, f);
        LLVMFuzzerTestOneInput(data, n);
        free(data);
        fclose(f);
    }
    return 0;
}
