/* A file system without O_TMPFILE, for a program that this is loaded into before libc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static int open_with(const char* name, const char* path, int flags, va_list more) {
  int (*real)(const char*, int, ...);
  *(void**)&real = dlsym(RTLD_NEXT, name);
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return (flags & O_CREAT) != 0 ? real(path, flags, va_arg(more, mode_t)) : real(path, flags);
}

int open(const char* path, int flags, ...) {
  va_list more;
  int fd;
  va_start(more, flags);
  fd = open_with("open", path, flags, more);
  va_end(more);
  return fd;
}

int open64(const char* path, int flags, ...) {
  va_list more;
  int fd;
  va_start(more, flags);
  fd = open_with("open64", path, flags, more);
  va_end(more);
  return fd;
}
