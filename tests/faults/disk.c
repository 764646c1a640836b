/* A disk that keeps only what was synced, and that can be made to fail. Loaded before the C library (LD_PRELOAD).

   The files that a program sees play the part of the kernel's page cache; a shadow of each plays the disk. A shadow is
   written when its file is synced, and at no other time. After a power cut (tests/faults/disk.py: SIGKILL, then the
   shadows take the place of the files) nothing else is left. Names are as POSIX promises them and no better: a file is
   there after a power cut only if its folder was synced since it was made, and comes back if its deletion was not.

   A control file, read at each sync and write, says what goes wrong:
     fail NAME   fsync gives EIO. What was not on the disk by then never gets there, unless it is written again: the
                 kernel has marked these pages clean (Rebello et al., Can Applications Recover from fsync Failures?)
     full NAME   a write that would lengthen the file gives ENOSPC
     slow NAME   a sync takes a quarter of a second
   NAME is the end of a file's name. No state is held in memory, so that any number of processes may share a disk.

   Who is watched: files of one folder with ".sqlite" in their name, but for "-shm", which is never durable, and
   ".lock" or ".turn". SQLite writes with write and pwrite64, cuts with ftruncate64, maps nothing but "-shm", and never
   renames: a rename, or a way of writing that is not looked after here, ends the program. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

static const char *folder(void) { return getenv("DISK_FOLDER"); }

static void give_up(const char *why) {
    fprintf(stderr, "[disk] %s\n", why);
    abort();
}

/* The shadow folder's file of this kind for this inode or name. */
static char *shadow(char *path, const char *kind, const char *name) {
    snprintf(path, PATH_MAX, "%s/%s.%s", getenv("DISK_SHADOW"), kind, name);
    return path;
}

static char *shadow_of(char *path, const char *kind, ino_t inode) {
    char name[32];
    snprintf(name, sizeof name, "%llu", (unsigned long long)inode);
    return shadow(path, kind, name);
}

static int watched_name(const char *name) {
    size_t length = strlen(name);
    return strstr(name, ".sqlite") && !strchr(name, '/') && !strstr(name, ".lock") &&
           !strstr(name, ".turn") && !(length > 4 && !strcmp(name + length - 4, "-shm"));
}

/* The name of a watched file by its path, or NULL. */
static const char *watched_path(const char *path) {
    size_t length = folder() ? strlen(folder()) : 0;
    if (!length || strncmp(path, folder(), length) || path[length] != '/') return NULL;
    return watched_name(path + length + 1) ? path + length + 1 : NULL;
}

static ssize_t path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length > 0) path[length] = 0;
    return length;
}

static const char *watched(int fd, char *path) {
    return folder() && path_of(fd, path) > 0 ? watched_path(path) : NULL;
}

/* Whether the control file asks for this of a file. */
static int ordered(const char *what, const char *name) {
    char path[PATH_MAX], word[16], end[64];
    FILE *control = fopen(shadow(path, "control", "txt"), "re");
    if (!control) return 0;
    int found = 0;
    while (!found && fscanf(control, "%15s %63s", word, end) == 2) {
        size_t a = strlen(name), b = strlen(end);
        found = !strcmp(word, what) && a >= b && !strcmp(name + a - b, end);
    }
    fclose(control);
    return found;
}

/* -- what a failed sync has left in the page cache only --------------------------------------------------------- */

static int is_dropped(int dropped, off_t page) {
    char mark = 0;
    return dropped >= 0 && pread(dropped, &mark, 1, page) == 1 && mark;
}

static void mark(int dropped, off_t page, char value) {
    if (REAL(pwrite)(dropped, &value, 1, page) != 1) give_up("cannot mark a page");
}

static int open_dropped(ino_t inode, int flags) {
    char path[PATH_MAX];
    return open(shadow_of(path, "dropped", inode), flags | O_CLOEXEC, 0600);
}

static void drop(int live, int durable, ino_t inode, off_t size) {
    char a[PAGE], b[PAGE];
    int dropped = open_dropped(inode, O_RDWR | O_CREAT);
    if (dropped < 0) give_up("cannot drop pages");
    for (off_t at = 0; at < size; at += PAGE) {
        ssize_t n = pread(live, a, PAGE, at), m = pread(durable, b, PAGE, at);
        if (n != m || memcmp(a, b, n)) mark(dropped, at / PAGE, 1);
    }
    close(dropped);
}

/* Written again, a page is dirty again, all of it; beyond the end there is none. */
static void rewritten(int fd, off_t from, off_t to, int cut) {
    struct stat about;
    if (fstat(fd, &about)) return;
    int dropped = open_dropped(about.st_ino, O_RDWR);
    if (dropped < 0) return;
    if (cut && ftruncate(dropped, (from + PAGE - 1) / PAGE)) give_up("cannot cut");
    for (off_t page = from / PAGE; page * PAGE < to; page++)
        if (is_dropped(dropped, page)) mark(dropped, page, 0);
    close(dropped);
}

/* -- syncing ---------------------------------------------------------------------------------------------------- */

static void copy(int live, int durable, ino_t inode, off_t size) {
    char page[PAGE];
    int dropped = open_dropped(inode, O_RDONLY);
    for (off_t at = 0; at < size; at += PAGE) {
        if (is_dropped(dropped, at / PAGE)) continue;
        ssize_t n = pread(live, page, PAGE, at);
        if (n < 0) give_up("cannot read a file");
        if (REAL(pwrite)(durable, page, n, at) != n) give_up("cannot write a shadow");
    }
    if (dropped >= 0) close(dropped);
    if (REAL(ftruncate)(durable, size)) give_up("cannot cut a shadow");
}

static int sync_file(int fd, const char *name) {
    char path[PATH_MAX];
    struct stat about;
    if (ordered("slow", name)) nanosleep(&(struct timespec){0, 250000000}, NULL);
    /* Read through the program's own descriptor: closing another of the same file would give its locks away. */
    if (fstat(fd, &about)) give_up("cannot look at a file");
    int durable = open(shadow_of(path, "data", about.st_ino), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (durable < 0) give_up("cannot open a shadow");
    int fails = ordered("fail", name);
    (fails ? drop : copy)(fd, durable, about.st_ino, about.st_size);
    close(durable);
    if (fails) errno = EIO;
    return fails ? -1 : 0;
}

/* The names of the folder as they are now are the ones that a power cut leaves. */
static int sync_folder(const char *there) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/names.new", getenv("DISK_SHADOW"));
    FILE *names = fopen(path, "we");
    DIR *open_folder = opendir(there);
    if (!names || !open_folder) give_up("cannot write names");
    for (struct dirent *entry; (entry = readdir(open_folder));)
        if (watched_name(entry->d_name))
            fprintf(names, "%llu %s\n", (unsigned long long)entry->d_ino, entry->d_name);
    closedir(open_folder);
    char final[PATH_MAX];
    if (fclose(names) || REAL(rename)(path, shadow(final, "names", "txt"))) give_up("cannot keep names");
    return 0;
}

static int sync_any(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    if (!folder() || path_of(fd, path) <= 0) return real(fd);
    const char *name = watched_path(path);
    if (!name && strcmp(path, folder())) return real(fd);
    pthread_mutex_lock(&one);
    int result = name ? sync_file(fd, name) : sync_folder(path);
    pthread_mutex_unlock(&one);
    return result;
}

int fsync(int fd) { return sync_any(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_any(fd, REAL(fdatasync)); }

/* -- writing: only what a full or a failing disk needs to know of it -------------------------------------------- */

static int no_room(int fd, off_t end) {
    char path[PATH_MAX];
    struct stat about;
    const char *name = watched(fd, path);
    if (!name || fstat(fd, &about) || end <= about.st_size || !ordered("full", name)) return 0;
    errno = ENOSPC;
    return 1;
}

static void note(int fd, off_t from, off_t to, int cut) {
    char path[PATH_MAX];
    if (watched(fd, path)) rewritten(fd, from, to, cut);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    if (no_room(fd, at + (off_t)count)) return -1;
    ssize_t written = REAL(pwrite64)(fd, bytes, count, at);
    if (written > 0) note(fd, at, at + written, 0);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

ssize_t write(int fd, const void *bytes, size_t count) {
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at >= 0 && no_room(fd, at + (off_t)count)) return -1;
    ssize_t written = REAL(write)(fd, bytes, count);
    if (at >= 0 && written > 0) note(fd, at, at + written, 0);
    return written;
}

int ftruncate64(int fd, off64_t size) {
    if (no_room(fd, size)) return -1;
    int result = REAL(ftruncate64)(fd, size);
    if (!result) note(fd, size, size, 1);
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* -- names ------------------------------------------------------------------------------------------------------ */

/* A deleted file lives on as a second name, so that its number is not given to another. */
int unlink(const char *path) {
    char kept[PATH_MAX];
    struct stat about;
    if (watched_path(path) && !stat(path, &about) && link(path, shadow_of(kept, "kept", about.st_ino)) && errno != EEXIST)
        give_up("cannot keep a deleted file");
    return REAL(unlink)(path);
}

static void unknown(int fd, const char *what) {
    char path[PATH_MAX];
    if (watched(fd, path)) give_up(what);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    unknown(fd, "writev is not looked after");
    return REAL(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    unknown(fd, "pwritev is not looked after");
    return REAL(pwritev)(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t length) {
    unknown(fd, "posix_fallocate is not looked after");
    return REAL(posix_fallocate)(fd, at, length);
}

/* What is written through a mapping that others share gets to the file unseen. */
void *mmap64(void *where, size_t length, int may, int how, int fd, off64_t at) {
    if (fd >= 0 && (may & PROT_WRITE) && (how & MAP_SHARED)) unknown(fd, "a mapping is not looked after");
    return REAL(mmap64)(where, length, may, how, fd, at);
}

void *mmap(void *where, size_t length, int may, int how, int fd, off_t at) {
    return mmap64(where, length, may, how, fd, at);
}

int rename(const char *from, const char *to) {
    if (watched_path(from) || watched_path(to)) give_up("rename is not looked after");
    return REAL(rename)(from, to);
}
