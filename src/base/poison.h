// SPDX-License-Identifier: Apache-2.0
// Functions without a bound, or with a hidden state, that nothing here may call.
#ifndef SV_BASE_POISON_H
#define SV_BASE_POISON_H

/* First what declares them: after the pragma even a declaration is an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets atoi atol strtok

#endif
