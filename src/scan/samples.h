// SPDX-License-Identifier: Apache-2.0
// Which files are the samples of a package: published with it, and so nobody's secret; private to
// scan.
#ifndef SV_SCAN_SAMPLES_H
#define SV_SCAN_SAMPLES_H

#include <stdbool.h>

/* In a folder that a package manager fills: /usr/share, node_modules, site-packages, ... */
bool sv_is_packaged(const char *path);

/* A package's own folder, and in it a folder or file for tests or examples, or a page for people:
 * /usr/lib/python3/test/keycert.pem, node_modules/x/test/server.key, .../jws_test.go, README. */
bool sv_is_package_sample(const char *path);

#endif
