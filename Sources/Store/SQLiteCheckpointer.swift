import Dispatch
import GRDBSQLite
import Synchronization

/// Copies the log of an SQLite database into its file beside the writer, on a connection and a thread of its own; what little arrives
/// meanwhile the writer copies itself, between two commits. Then SQLite begins the log anew.
///
/// A database whose log stays short never opens the connection. When it cannot be opened the writer copies everything.
final class SQLiteCheckpointer: @unchecked Sendable {
    private enum Progress { case idle, copying, copied }

    /// The writer waits for the copying when the log has grown to so many times its wanted length.
    private static let patience = 4
    /// Fewer pages than this are left to the writer.
    private static let remainder = 500, rounds = 8

    private let path: String
    /// Pages in the log from which it is copied.
    private let limit: Int
    private let queue = DispatchQueue(label: "florin.sqlite.checkpointer")
    /// Touched on the queue alone.
    private var connection: OpaquePointer?
    /// Touched on the writer's thread alone: from where a log that a reader keeps is tried again.
    private var retryFrom = 0
    private let pages = Atomic<Int>(0)
    private let progress = Mutex(Progress.idle)

    init(path: String, limit: Int) { (self.path, self.limit) = (path, limit) }
    deinit { sqlite3_close(connection) }

    /// Replaces SQLite's own checkpoints on the connection that writes.
    func watch(_ writer: OpaquePointer?) {
        sqlite3_wal_hook(
            writer,
            { context, _, _, pages in
                Unmanaged<SQLiteCheckpointer>.fromOpaque(context!).takeUnretainedValue().pages.store(Int(pages), ordering: .relaxed)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether the writer has something to do, asked after each commit; the copying begins here.
    func isDue() -> Bool {
        let count = pages.load(ordering: .relaxed)
        if count < limit { retryFrom = 0 }
        guard count >= max(limit, retryFrom) else { return false }
        let begins = progress.withLock { progress in
            guard progress == .idle else { return false }
            progress = .copying
            return true
        }
        if begins { queue.async { self.copy() } }
        return count >= limit * Self.patience || progress.withLock { $0 == .copied }
    }

    /// Copies the rest, once the copying beside the writer has come to its end.
    func finish(on writer: OpaquePointer?) {
        queue.sync {}
        progress.withLock { $0 = .idle }
        _ = checkpoint(writer)
        // Unless a reader keeps it, the next commit begins the log anew.
        retryFrom = pages.load(ordering: .relaxed) + limit / 4
    }

    func close() {
        queue.sync {
            sqlite3_close(connection)
            connection = nil
        }
    }

    private func copy() {
        var left = Int.max
        if connection == nil { open() }
        for _ in 0..<Self.rounds where connection != nil && left > Self.remainder {
            let before = left
            left = checkpoint(connection)
            if left >= before { break }
        }
        progress.withLock { $0 = .copied }
    }

    private func open() {
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            // Reading is what makes a connection open the log.
            sqlite3_exec(connection, "PRAGMA synchronous = FULL; SELECT 1 FROM sqlite_master LIMIT 1", nil, nil, nil) == SQLITE_OK
        else {
            sqlite3_close(connection)
            connection = nil
            return
        }
    }

    /// - Returns: How many pages of the log wait still; the largest number when SQLite refused.
    private func checkpoint(_ connection: OpaquePointer?) -> Int {
        var done: Int32 = -1
        let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &done)
        return code == SQLITE_OK ? max(0, pages.load(ordering: .relaxed) - Int(done)) : Int.max
    }
}
