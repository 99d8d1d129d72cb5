/* A manifest and nothing that the gateway could call. */
#include <gatehouse/abi.h>

GATEHOUSE_MANIFEST("test.no-entry", "1.0.0")
