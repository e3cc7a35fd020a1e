#include <sqlite3.h>

/* sqlite3_config is variadic, which Swift cannot call; it takes settings before the first connection only. */

/* Without memory statistics an allocation takes no lock. */
static inline int florin_sqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/* A page cache takes memory for each page when it needs it, not for twenty when it begins. */
static inline int florin_sqlite_pages_singly(void) { return sqlite3_config(SQLITE_CONFIG_PAGECACHE, (void *)0, 0, 0); }

/* The page cache that is set, and another in its place. */
static inline int florin_sqlite_own_page_cache(sqlite3_pcache_methods2 *methods) { return sqlite3_config(SQLITE_CONFIG_GETPCACHE2, methods); }
static inline int florin_sqlite_page_cache(sqlite3_pcache_methods2 *methods) { return sqlite3_config(SQLITE_CONFIG_PCACHE2, methods); }
