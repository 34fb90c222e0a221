/**
 * The TCG plugin, in C: it sees each execution of chosen instructions and tells of it through a pipe.
 *
 * Built by the user's own compiler when first needed (build.ts). QEMU's header is not packaged everywhere, so the few functions
 * of plugin API 1 that it uses are declared here, as QEMU documents them.
 *
 *   sites=FILE   u64 addresses, little-endian, ascending
 *   origin=NS    when the tracer began, nanoseconds since 1970
 *   out=FIFO     16 bytes a hit, little-endian:
 *
 *   0        4        8                 16
 *   +--------+--------+-----------------+
 *   | site   | cpu    | ns since the    |    site: the index of its address in FILE
 *   |        |        | tracer began    |
 *   +--------+--------+-----------------+
 *
 * One lock orders the hits of all CPUs. Hits wait in a buffer until it is full, a CPU has nothing to do, FLUSH_MS have passed, or
 * QEMU ends. A full pipe holds the guest up; a reader that is gone does not.
 */
export const PLUGIN_SOURCE = `#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info qemu_info_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

typedef void (*plugin_call)(qemu_plugin_id_t id);
typedef void (*plugin_exit)(qemu_plugin_id_t id, void *data);
typedef void (*plugin_vcpu)(qemu_plugin_id_t id, unsigned cpu);
typedef void (*plugin_insn)(unsigned cpu, void *data);
typedef void (*plugin_translated)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, plugin_translated call);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_insn call,
                                            enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id, plugin_vcpu call);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, plugin_exit call, void *data);

EXPORT int qemu_plugin_version = 1;

struct hit {
    uint32_t site, cpu;
    uint64_t ns;
};

enum { BUFFERED = 4096, FLUSH_MS = 5 };

static uint64_t *sites;
static size_t site_count;
static uint64_t origin;
static int out = -1;
static struct hit buffer[BUFFERED];
static unsigned buffered;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The lock is held. */
static void flush(void)
{
    const char *at = (const char *)buffer;
    size_t left = buffered * sizeof(struct hit);

    buffered = 0;
    while (left > 0 && out >= 0) {
        ssize_t written = write(out, at, left);
        if (written > 0) {
            at += written;
            left -= (size_t)written;
        } else if (written < 0 && errno != EINTR) {
            close(out); /* nobody reads any more */
            out = -1;
        }
    }
}

static void locked_flush(void)
{
    pthread_mutex_lock(&lock);
    flush();
    pthread_mutex_unlock(&lock);
}

static void hit(unsigned cpu, void *site)
{
    struct timespec now;

    pthread_mutex_lock(&lock);
    clock_gettime(CLOCK_REALTIME, &now);
    buffer[buffered++] = (struct hit){(uint32_t)(uintptr_t)site, cpu,
                                      (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - origin};
    if (buffered == BUFFERED)
        flush();
    pthread_mutex_unlock(&lock);
}

/* Index of the address, or site_count. */
static size_t site_at(uint64_t address)
{
    size_t low = 0, high = site_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sites[middle] < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < site_count && sites[low] == address ? low : site_count;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);

    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        size_t site = site_at(qemu_plugin_insn_vaddr(insn));
        if (site < site_count)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, hit, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)site);
    }
}

static void idle(qemu_plugin_id_t id, unsigned cpu)
{
    (void)id;
    (void)cpu;
    locked_flush();
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    locked_flush();
}

static void *flush_now_and_then(void *unused)
{
    struct timespec pause = {0, FLUSH_MS * 1000000L};

    (void)unused;
    for (;;) {
        nanosleep(&pause, NULL);
        locked_flush();
    }
    return NULL;
}

static int read_sites(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        return -1;
    rewind(file);
    site_count = (size_t)size / sizeof(uint64_t);
    sites = malloc((size_t)size + 1);
    size_t got = sites == NULL ? 0 : fread(sites, sizeof(uint64_t), site_count, file);
    fclose(file);
    return got == site_count ? 0 : -1;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    pthread_t thread;

    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "sites=", 6) == 0 && read_sites(argv[i] + 6) != 0)
            return -1;
        if (strncmp(argv[i], "origin=", 7) == 0)
            origin = strtoull(argv[i] + 7, NULL, 10);
        if (strncmp(argv[i], "out=", 4) == 0)
            out = open(argv[i] + 4, O_WRONLY | O_CLOEXEC);
    }
    if (out < 0 || sites == NULL || pthread_create(&thread, NULL, flush_now_and_then, NULL) != 0)
        return -1;
    pthread_detach(thread);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_idle_cb(id, idle);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
`;
