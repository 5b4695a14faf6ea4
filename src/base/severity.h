// SPDX-License-Identifier: Apache-2.0
// How bad: the scale that tables, checks and reports share.
#ifndef SV_BASE_SEVERITY_H
#define SV_BASE_SEVERITY_H

enum sv_severity { SV_INFO, SV_LOW, SV_MEDIUM, SV_HIGH, SV_CRITICAL };

#endif
