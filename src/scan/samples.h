// SPDX-License-Identifier: Apache-2.0
// Which files are the samples of a package: published with it, and so nobody's secret; private to
// scan.
#ifndef SV_SCAN_SAMPLES_H
#define SV_SCAN_SAMPLES_H

#include <stdbool.h>

/* A package's own folder, and in it a folder or file for tests or examples:
 * /usr/lib/python3/test/keycert.pem, node_modules/x/test/server.key, .../jws_test.go. */
bool sv_is_package_sample(const char *path);

#endif
