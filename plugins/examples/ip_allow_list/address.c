#include "address.h"

#include <string.h>

static int digit(char c, int base) {
  if (c >= '0' && c <= '9') return c - '0';
  if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Four numbers without leading zeros: an octal reading elsewhere would be another address. */
static int parse_v4(const char* text, size_t len, unsigned char out[4]) {
  size_t at = 0;
  int part;
  for (part = 0; part < 4; ++part) {
    int value = 0;
    size_t digits = 0;
    if (part > 0 && (at >= len || text[at++] != '.')) return 0;
    while (at < len && digits < 4 && digit(text[at], 10) >= 0) {
      value = value * 10 + digit(text[at], 10);
      ++at;
      ++digits;
    }
    if (digits == 0 || value > 255 || (digits > 1 && text[at - digits] == '0')) return 0;
    out[part] = (unsigned char)value;
  }
  return at == len;
}

static int parse_v6(const char* text, size_t len, unsigned char out[16]) {
  unsigned char head[16], tail[16];
  size_t head_size = 0, tail_size = 0, at = 0;
  int gap = 0; /* "::" was seen */
  if (len >= 2 && text[0] == ':' && text[1] == ':') {
    gap = 1;
    at = 2;
  }
  while (at < len) {
    unsigned char* to = gap ? tail : head;
    size_t* size = gap ? &tail_size : &head_size;
    size_t digits = 0, end = at;
    int value = 0;
    while (end < len && text[end] != ':' && text[end] != '.') ++end;
    if (end < len && text[end] == '.') { /* the last 32 bits as a dotted quad */
      if (*size > 12 || !parse_v4(text + at, len - at, to + *size)) return 0;
      *size += 4;
      at = len;
      break;
    }
    for (; at < end; ++at, ++digits) {
      const int d = digit(text[at], 16);
      if (d < 0 || digits == 4) return 0;
      value = value * 16 + d;
    }
    if (digits == 0 || *size > 14) return 0;
    to[(*size)++] = (unsigned char)(value >> 8);
    to[(*size)++] = (unsigned char)(value & 0xff);
    if (at == len) break;
    ++at; /* the colon */
    if (at == len) return 0;
    if (text[at] == ':') {
      if (gap) return 0;
      gap = 1;
      ++at;
    }
  }
  if (gap ? head_size + tail_size > 14 : head_size != 16) return 0;
  memset(out, 0, 16);
  memcpy(out, head, head_size);
  memcpy(out + 16 - tail_size, tail, tail_size);
  return 1;
}

int address_parse(const char* text, size_t len, address* out) {
  memset(out, 0, sizeof *out);
  if (parse_v4(text, len, out->bytes + 12)) {
    out->bytes[10] = out->bytes[11] = 0xff;
    return 1;
  }
  return parse_v6(text, len, out->bytes);
}

int block_contains(const block* b, const address* a) {
  const size_t whole = (size_t)b->bits / 8;
  const int rest = b->bits % 8;
  if (memcmp(b->base.bytes, a->bytes, whole) != 0) return 0;
  return rest == 0 || ((b->base.bytes[whole] ^ a->bytes[whole]) >> (8 - rest)) == 0;
}

int block_parse(const char* text, size_t len, block* out) {
  size_t slash = 0, at, i;
  int max, bits = 0;
  while (slash < len && text[slash] != '/') ++slash;
  if (!address_parse(text, slash, &out->base)) return 0;
  max = memchr(text, ':', slash) == NULL ? 32 : 128;
  if (slash == len) {
    bits = max;
  } else {
    if (len - slash < 2 || len - slash > 4 || (text[slash + 1] == '0' && len - slash > 2)) return 0;
    for (at = slash + 1; at < len; ++at) {
      if (digit(text[at], 10) < 0) return 0;
      bits = bits * 10 + digit(text[at], 10);
    }
    if (bits > max) return 0;
  }
  out->bits = bits + 128 - max;
  for (i = (size_t)out->bits; i < 128; ++i)
    if (out->base.bytes[i / 8] & (0x80 >> (i % 8))) return 0;
  return 1;
}
