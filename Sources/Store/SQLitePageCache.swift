import CSQLiteSettings
import GRDBSQLite

/// SQLite's own page cache, spared two things that cost a commit as much time as the cache is large.
///
/// Where a tree is balanced, SQLite parks a page under the number of its lock page for a moment. Its cache takes that for the largest number
/// it holds, and at the end of the transaction looks through all its pages for such as lie behind the file's end. Here the largest number
/// that stays is kept, and nobody looks for what is not there. And a small cache, as for each list of a query, begins with the pages it
/// needs, not with room for twenty.
enum SQLitePageCache {
    /// - Returns: Whether SQLite took it: it does so before the first connection only.
    static func install() -> Bool {
        guard own.xFetch != nil, florin_sqlite_pages_singly() == SQLITE_OK else { return false }
        var methods = own
        methods.xCreate = { pageSize, extra, isPurgeable in
            guard let cache = own.xCreate(pageSize, extra, isPurgeable) else { return nil }
            let kept = UnsafeMutablePointer<Cache>.allocate(capacity: 1)
            kept.initialize(to: Cache(own: cache, lockPage: UInt32(0x4000_0000 / pageSize + 1)))
            return OpaquePointer(kept)
        }
        methods.xCachesize = { own.xCachesize(cache($0).pointee.own, $1) }
        methods.xPagecount = { own.xPagecount(cache($0).pointee.own) }
        methods.xFetch = { kept, number, create in
            let cache = cache(kept)
            if create != 0, number > cache.pointee.largest { cache.pointee.largest = number }
            return own.xFetch(cache.pointee.own, number, create)
        }
        methods.xUnpin = { own.xUnpin(cache($0).pointee.own, $1, $2) }
        methods.xRekey = { kept, page, before, after in
            let cache = cache(kept)
            if after == cache.pointee.lockPage {
                cache.pointee.parked += 1
            } else {
                if before == cache.pointee.lockPage { cache.pointee.parked -= 1 }
                cache.pointee.largest = max(cache.pointee.largest, after)
            }
            own.xRekey(cache.pointee.own, page, before, after)
        }
        methods.xTruncate = { kept, limit in
            let cache = cache(kept)
            guard limit <= cache.pointee.largest || cache.pointee.parked != 0 else { return }
            cache.pointee.largest = limit == 0 ? 0 : limit - 1
            cache.pointee.parked = 0
            own.xTruncate(cache.pointee.own, limit)
        }
        methods.xDestroy = { kept in
            own.xDestroy(cache(kept).pointee.own)
            cache(kept).deallocate()
        }
        methods.xShrink = { own.xShrink(cache($0).pointee.own) }
        return florin_sqlite_page_cache(&methods) == SQLITE_OK
    }
}

private struct Cache {
    let own: OpaquePointer
    /// The page that no tree uses: where the file's locks lie.
    let lockPage: UInt32
    /// No page of a larger number was kept since the last truncation.
    var largest: UInt32 = 0
    var parked = 0
}

private func cache(_ pointer: OpaquePointer?) -> UnsafeMutablePointer<Cache> { UnsafeMutablePointer(pointer!) }

/// What SQLite brings.
private nonisolated(unsafe) let own: sqlite3_pcache_methods2 = {
    var methods = sqlite3_pcache_methods2()
    return florin_sqlite_own_page_cache(&methods) == SQLITE_OK ? methods : sqlite3_pcache_methods2()
}()
