// hilog that prints to standard error. It expands formats as the real one does, private marks included, so that a text
// which is taken for a format shows.
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int OH_LOG_Print(int type, int level, unsigned domain, const char *tag, const char *format, ...) {
  static const char levels[] = "???DIWEF";
  char plain[4200];
  size_t length = 0;
  for (const char *at = format; *at && length < sizeof plain - 3; at++) {
    plain[length++] = *at;
    if (*at != '%') continue;
    if (strncmp(at + 1, "{public}", 8) == 0) at += 8;
    else if (strncmp(at + 1, "{private}", 9) == 0) at += 9;
    else if (at[1] == '%') plain[length++] = *++at;
  }
  plain[length] = '\0';
  // One write, or lines of several threads would mix.
  char line[8400];
  va_list rest;
  va_start(rest, format);
  int printed = vsnprintf(line, sizeof line, plain, rest);
  va_end(rest);
  (void)type;
  fprintf(stderr, "hilog %c %05x/%s: %s\n", levels[level & 7], domain, tag, line);
  return printed;
}

EXPORT bool OH_LOG_IsLoggable(unsigned domain, const char *tag, int level) {
  (void)domain;
  (void)tag;
  (void)level;
  return true;
}
