import GRDBSQLite
import Glibc

/// Joins what one commit writes to SQLite's log: SQLite hands over each page and the header before it apart, two calls a page.
///
/// Only while `COMMIT` runs, and so while the write lock is held: what is appended is gathered and goes to the file before anything else is
/// done with it (a sync, a read, a write elsewhere) and at the page that ends the commit. What could not be written is dropped with the
/// commit that failed. Pages that leave the cache before the commit, and all other files, go through one by one.
enum SQLiteLog {
    /// Below 128 KiB, since SQLite's own writing takes no more at a time.
    private static let limit = 120 << 10
    private static let headerSize = 24

    private struct File {
        var base = sqlite3_file()
        var isCommitting = false
        var buffer: UnsafeMutableRawPointer?
        /// Where the buffer begins in the file, and how much of it waits.
        var start: sqlite3_int64 = 0, count = 0
        /// The next page is the last of its commit.
        var endsCommit = false
        /// Whether the sync that follows the last page of a commit is left to somebody else, and whether that page is written.
        var leavesSync = false, hasEnded = false
        /// What the sync was asked for that is left.
        var leftSync: Int32?
    }
    fileprivate typealias Handle = UnsafeMutablePointer<sqlite3_file>

    /// SQLite's own way to files.
    private nonisolated(unsafe) static let system = sqlite3_vfs_find(nil)!
    private nonisolated(unsafe) static let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    private nonisolated(unsafe) static let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)

    /// For the connections that are opened from now on.
    ///
    /// - Returns: Whether SQLite took it.
    static func install() -> Bool {
        setMethods()
        vfs.initialize(to: system.pointee)
        vfs.pointee.zName = UnsafePointer(strdup("florin"))
        vfs.pointee.szOsFile = system.pointee.szOsFile + Int32(MemoryLayout<File>.stride)
        vfs.pointee.xOpen = { _, name, handle, flags, opened in
            guard let handle, flags & SQLITE_OPEN_WAL != 0 else {
                return SQLiteLog.system.pointee.xOpen(SQLiteLog.system, name, handle, flags, opened)
            }
            SQLiteLog.file(handle).initialize(to: File())
            let code = SQLiteLog.system.pointee.xOpen(SQLiteLog.system, name, SQLiteLog.real(handle), flags, opened)
            if code == SQLITE_OK { handle.pointee.pMethods = UnsafePointer(SQLiteLog.methods) }
            return code
        }
        return sqlite3_vfs_register(vfs, 1) == SQLITE_OK
    }

    /// A log whose last commit may not be on the disk yet.
    struct Unsynced: @unchecked Sendable {
        fileprivate let handle: Handle
        fileprivate let flags: Int32

        /// Brings everything that was written to the log before to the disk, on any thread, while the connection is open.
        func sync() -> Bool { real(handle).pointee.pMethods.pointee.xSync(real(handle), flags) == SQLITE_OK }
    }

    /// - Parameters:
    ///   - leavesSync: The commit returns, and is seen by others, before it is on the disk.
    ///   - commit: Runs the `COMMIT` of the connection's transaction.
    /// - Returns: What is still to be synced.
    static func joining(_ connection: OpaquePointer?, leavesSync: Bool, _ commit: () throws -> Void) rethrows -> Unsynced? {
        var handle: Handle?
        sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &handle)
        guard let handle, handle.pointee.pMethods == UnsafePointer(methods) else {
            try commit()
            return nil
        }
        let log = file(handle)
        log.pointee.isCommitting = true
        log.pointee.leavesSync = leavesSync
        defer {
            log.pointee.isCommitting = false
            log.pointee.count = 0
            log.pointee.endsCommit = false
            log.pointee.leavesSync = false
            log.pointee.hasEnded = false
            log.pointee.leftSync = nil
        }
        try commit()
        return log.pointee.leftSync.map { Unsynced(handle: handle, flags: $0) }
    }

    private static func setMethods() {
        methods.initialize(to: sqlite3_io_methods())
        methods.pointee.iVersion = 1
        methods.pointee.xWrite = { SQLiteLog.write($0!, $1!, Int($2), $3) }
        methods.pointee.xRead = { file, bytes, count, at in SQLiteLog.flushed(file) { $1.xRead($0, bytes, count, at) } }
        methods.pointee.xTruncate = { file, size in SQLiteLog.flushed(file) { $1.xTruncate($0, size) } }
        methods.pointee.xSync = { file, flags in SQLiteLog.sync(file!, flags) }
        methods.pointee.xFileSize = { file, size in SQLiteLog.flushed(file) { $1.xFileSize($0, size) } }
        methods.pointee.xLock = { file, level in SQLiteLog.flushed(file) { $1.xLock($0, level) } }
        methods.pointee.xUnlock = { file, level in SQLiteLog.flushed(file) { $1.xUnlock($0, level) } }
        methods.pointee.xCheckReservedLock = { file, held in SQLiteLog.flushed(file) { $1.xCheckReservedLock($0, held) } }
        methods.pointee.xFileControl = { file, verb, value in SQLiteLog.flushed(file) { $1.xFileControl($0, verb, value) } }
        methods.pointee.xSectorSize = { file in SQLiteLog.flushed(file) { $1.xSectorSize($0) } }
        methods.pointee.xDeviceCharacteristics = { file in SQLiteLog.flushed(file) { $1.xDeviceCharacteristics($0) } }
        methods.pointee.xClose = { file in
            free(SQLiteLog.file(file!).pointee.buffer)
            return SQLiteLog.real(file!).pointee.pMethods.pointee.xClose(SQLiteLog.real(file!))
        }
    }

    private static func file(_ handle: Handle) -> UnsafeMutablePointer<File> {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: File.self)
    }
    private static func real(_ handle: Handle) -> Handle {
        (UnsafeMutableRawPointer(handle) + MemoryLayout<File>.stride).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// Does `next` once what was gathered stands in the file.
    private static func flushed(_ handle: Handle?, _ next: (Handle, sqlite3_io_methods) -> Int32) -> Int32 {
        guard let handle else { return SQLITE_MISUSE }
        let code = flush(handle)
        return code == SQLITE_OK ? next(real(handle), real(handle).pointee.pMethods.pointee) : code
    }

    private static func flush(_ handle: Handle) -> Int32 {
        let log = file(handle), count = Int32(log.pointee.count)
        guard count > 0 else { return SQLITE_OK }
        log.pointee.count = 0
        return real(handle).pointee.pMethods.pointee.xWrite(real(handle), log.pointee.buffer, count, log.pointee.start)
    }

    /// The sync of a log that is begun anew comes before its first page, and is done at once.
    private static func sync(_ handle: Handle, _ flags: Int32) -> Int32 {
        let log = file(handle)
        guard log.pointee.leavesSync, log.pointee.hasEnded else { return flushed(handle) { $1.xSync($0, flags) } }
        log.pointee.leftSync = flags
        return SQLITE_OK
    }

    private static func write(_ handle: Handle, _ bytes: UnsafeRawPointer, _ count: Int, _ at: sqlite3_int64) -> Int32 {
        let log = file(handle)
        guard log.pointee.isCommitting, count <= limit else { return flushed(handle) { $1.xWrite($0, bytes, Int32(count), at) } }
        if at != log.pointee.start + sqlite3_int64(log.pointee.count) || log.pointee.count + count > limit {
            let code = flush(handle)
            guard code == SQLITE_OK else { return code }
        }
        if log.pointee.buffer == nil { log.pointee.buffer = malloc(limit) }
        guard let buffer = log.pointee.buffer else { return SQLITE_NOMEM }
        if log.pointee.count == 0 { log.pointee.start = at }
        memcpy(buffer + log.pointee.count, bytes, count)
        log.pointee.count += count
        if log.pointee.endsCommit {
            log.pointee.endsCommit = false
            log.pointee.hasEnded = true
            return flush(handle)
        }
        // The size of the database behind the page's number: the header of the commit's last page alone states it.
        log.pointee.endsCommit = count == headerSize && (bytes + 4).loadUnaligned(as: UInt32.self) != 0
        return SQLITE_OK
    }
}
