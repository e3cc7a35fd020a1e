#include <sqlite3.h>

/* sqlite3_config is variadic, which Swift cannot call. Without memory statistics an allocation takes no lock; before the first
   connection only. */
static inline int florin_sqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
