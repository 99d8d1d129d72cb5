/* IP addresses and blocks. An IPv4 address is kept in its IPv4-mapped IPv6 form, so one comparison serves both. */
#ifndef IP_ALLOW_LIST_ADDRESS_H
#define IP_ALLOW_LIST_ADDRESS_H

#include <stddef.h>

typedef struct address {
  unsigned char bytes[16];
} address;

typedef struct block {
  address base;
  int bits; /* 0 to 128 */
} block;

/* 1 and the address, or 0 for anything but a dotted quad or RFC 4291 text. */
int address_parse(const char* text, size_t len, address* out);
/* `10.0.0.0/8`, `2001:db8::/32` or one address. 0 also when host bits are set: a typo must not widen a rule. */
int block_parse(const char* text, size_t len, block* out);
int block_contains(const block* b, const address* a);

#endif
