#include <libxml/xmlreader.h>

/* Swift cannot read a C global that may change; this frees what libxml2 allocated. */
static inline void florin_xml_free(void *memory) { xmlFree(memory); }
