// SPDX-License-Identifier: Apache-2.0
// docker.port-on-all-interfaces: published ports that a firewall on the host does not close.
#include "engine/check.h"
#include "model/container_kind.h"

enum kind { DATABASE, ADMIN, DEBUGGER };

static const struct {
    unsigned port;
    enum kind kind;
    const char *what;
} services[] = {
    {3306, DATABASE, "MySQL or MariaDB"}, {5432, DATABASE, "PostgreSQL"}, {27017, DATABASE, "MongoDB"},
    {6379, DATABASE, "Redis"}, {11211, DATABASE, "memcached"}, {9200, DATABASE, "Elasticsearch"},
    {9300, DATABASE, "Elasticsearch's cluster port"}, {5984, DATABASE, "CouchDB"},
    {8086, DATABASE, "InfluxDB"}, {1433, DATABASE, "SQL Server"}, {1521, DATABASE, "Oracle"},
    {9042, DATABASE, "Cassandra"}, {2181, DATABASE, "ZooKeeper"}, {2379, DATABASE, "etcd"},
    {9092, DATABASE, "Kafka"}, {5672, DATABASE, "RabbitMQ"}, {26379, DATABASE, "Redis Sentinel"},
    {7687, DATABASE, "Neo4j"}, {8123, DATABASE, "ClickHouse"}, {4222, DATABASE, "NATS"},
    {15672, ADMIN, "RabbitMQ's management"}, {8500, ADMIN, "Consul"}, {9000, ADMIN, "an admin page"},
    {9443, ADMIN, "Portainer"}, {5601, ADMIN, "Kibana"}, {8200, ADMIN, "Vault"},
    {2375, DEBUGGER, "Docker's interface without TLS"}, {9229, DEBUGGER, "the Node.js inspector"},
    {5005, DEBUGGER, "the Java debugger"}, {5678, DEBUGGER, "the Python debugger"},
    {2345, DEBUGGER, "the Go debugger"}, {6060, DEBUGGER, "Go's pprof"}, {4000, DEBUGGER, "a debugger"},
};

/* By what is in the image, whatever its port: pages that ask for a database's password at most. */
static const char *const admin_images[][2] = {
    {"adminer", "Adminer"}, {"phpmyadmin", "phpMyAdmin"}, {"phppgadmin", "phpPgAdmin"},
    {"pgadmin4", "pgAdmin"}, {"mongo-express", "mongo-express"},
    {"redis-commander", "Redis Commander"}, {"redisinsight", "Redis Insight"},
    {"phpredisadmin", "phpRedisAdmin"},
};

/* What is published there, and how bad that is; NULL: nothing that is known. */
static const char *service_at(const struct sv_container *c, const struct sv_container_port *p,
                              enum sv_severity *ret)
{
    struct sv_slice program = sv_image_program(c->image.text);
    *ret = SV_MEDIUM;
    for (size_t i = 0; i < sizeof admin_images / sizeof *admin_images && !p->udp; i++)
        if (sv_slice_is(program, admin_images[i][0]))
            return admin_images[i][1];
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        bool vague = services[i].port == 9000 || services[i].port == 4000;
        if (services[i].port != p->port || services[i].kind == DEBUGGER || vague ||
            (p->udp && p->port != 11211))
            continue;
        *ret = services[i].kind == DATABASE ? SV_HIGH : SV_MEDIUM;
        return services[i].what;
    }
    return NULL;
}

/* Root's engines have rules before those of the host; rootless ones listen like any program. */
static const char *filter_of(const struct sv_container *c)
{
    if (sv_container_is_rootless(c))
        return ", unless a packet filter on this host closes the port";
    return sv_container_is_podman(c)
               ? "; ufw and firewalld do not close it, for Podman's own rules come first"
               : "; ufw and firewalld do not close it, for Docker's own rules come first";
}

static bool is_local(struct sv_slice host)
{
    return sv_slice_starts(host, "127.") || sv_slice_is(host, "::1") ||
           sv_slice_is(host, "localhost");
}

/* "every address" is none, 0.0.0.0 or ::; another one is somebody's choice. */
static bool on_all(struct sv_slice host)
{
    return host.n == 0 || sv_slice_is(host, "0.0.0.0") || sv_slice_is(host, "::");
}

static void run_all(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    sv_vec_each(p, &c->ports)
    {
        enum sv_severity severity;
        const char *what = service_at(c, p, &severity);
        if (!what || is_local(p->host) || !on_all(p->host))
            continue;
        struct sv_finding *f =
            sv_report_at(cx, severity, p->node, "%s of %s is open to the network on every address%s",
                         what, c->name, filter_of(c));
        f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %u", c->name, p->port);
        unsigned outside = p->host_port ? p->host_port : p->port;
        if (c->kind == SV_CONTAINER_QUADLET)
            sv_finding_fix(cx, f, "PublishPort=127.0.0.1:%u:%u, or none: containers of one network reach "
                                  "each other by name", outside, p->port);
        else
            sv_finding_fix(cx, f, "\"127.0.0.1:%u:%u\", or no ports: at all: services of one project reach "
                                  "each other by name", outside, p->port);
    }
}

const struct sv_check sv_check_docker_port_on_all_interfaces = {
    SV_CHECK_HEADER,
    .id = "docker.port-on-all-interfaces",
    .title = "A database or admin port of a container is published on every address",
    .why = "ports: \"5432:5432\" listens on all addresses of the host, and the engine's own packet filter rules "
           "let it past ufw and firewalld.",
    .fix = "Bind it to 127.0.0.1, or leave ports: out.",
    .bad = "ports: [\"5432:5432\"]",
    .good = "ports: [\"127.0.0.1:5432:5432\"]",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_all,
};

static void run_debug(struct sv_ctx *cx, const struct sv_subject *s)
{
    const struct sv_container *c = s->container;
    sv_vec_each(p, &c->ports)
    {
        for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
            if (services[i].port != p->port || services[i].kind != DEBUGGER || p->port == 4000)
                continue;
            bool local = is_local(p->host);
            struct sv_finding *f =
                sv_report_at(cx, local ? SV_LOW : SV_HIGH, p->node,
                             "the port of %s is published from %s%s", services[i].what, c->name,
                             local ? ", to this machine" : " to the network");
            f->key = sv_arena_printf(sv_ctx_arena(cx), "%s %u", c->name, p->port);
            sv_finding_fix(cx, f, "Take the port out; docker exec gets at it when it is needed.");
        }
    }
}

const struct sv_check sv_check_docker_debug_port_published = {
    SV_CHECK_HEADER,
    .id = "docker.debug-port-published",
    .title = "A debugger's port is published",
    .why = "Debuggers ask for no password and run any code in the container, where its keys are.",
    .fix = "Do not publish debuggers' ports.",
    .bad = "ports: [\"9229:9229\"]",
    .good = "ports: [\"80:3000\"]",
    .severity = SV_HIGH,
    .on = SV_ON_CONTAINER,
    .run = run_debug,
};
