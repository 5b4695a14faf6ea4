// SPDX-License-Identifier: Apache-2.0
// Ports as people write them for Compose and Podman.
#include "model/container.h"

unsigned sv_container_port_number(struct sv_slice s)
{
    unsigned long long v = 0;
    s = sv_slice_sub(s, 0, sv_slice_chr(s, '-'));
    return sv_slice_u64(s, &v) && v < 65536 ? (unsigned)v : 0;
}

bool sv_container_short_port(struct sv_slice s, struct sv_container_port *ret)
{
    struct sv_container_port port = {0};
    size_t slash = sv_slice_chr(s, '/');
    port.udp = sv_slice_is(sv_slice_sub(s, slash + 1, s.n), "udp");
    s = sv_slice_sub(s, 0, slash);
    size_t last = s.n;
    while (last > 0 && s.p[last - 1] != ':')
        last--;
    port.port = sv_container_port_number(sv_slice_sub(s, last, s.n));
    if (last > 0) {
        struct sv_slice left = sv_slice_sub(s, 0, last - 1);
        size_t at = left.n;
        while (at > 0 && left.p[at - 1] != ':')
            at--;
        port.host_port = sv_container_port_number(sv_slice_sub(left, at, left.n));
        port.host = sv_slice_sub(left, 0, at ? at - 1 : 0);
        if (port.host.n > 1 && port.host.p[0] == '[')
            port.host = sv_slice_sub(port.host, 1, port.host.n - 1);
    }
    if (port.port)
        *ret = port;
    return port.port != 0;
}
