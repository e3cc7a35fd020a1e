import Dispatch
import GRDBSQLite
import Synchronization

/// Brings the log to the disk beside the writer, which goes on with the next commit meanwhile. Nobody is answered, and nothing that was
/// read is given away, before what it rests on is on the disk.
final class SQLiteSyncer: @unchecked Sendable {
    private struct State {
        /// How many commits were announced, and up to which of them all are on the disk.
        var announced = 0, synced = 0
        var written: [Commit] = []
        var readers: [(through: Int, reader: CheckedContinuation<Void, any Error>)] = []
        /// Why the disk cannot be trusted any more.
        var fault: DatabaseFault?
    }

    private struct Commit {
        let log: SQLiteLog.Unsynced?
        let answer: @Sendable ((any Error)?) -> Void
    }

    private let path: String
    private let queue = DispatchQueue(label: "florin.sqlite.syncer")
    private let state = Mutex(State())

    init(path: String) { self.path = path }

    /// Before each commit.
    ///
    /// - Parameter leavesSync: Others may see it sooner than it is on the disk; `finish` follows.
    /// - Errors: since a sync has failed nobody knows what the disk holds of the log: nothing is written until the database is opened
    ///   again.
    func admit(leavesSync: Bool) throws {
        try state.withLock { state in
            if let fault = state.fault { throw fault }
            if leavesSync { state.announced += 1 }
        }
    }

    /// Whether something that others may have seen is not on the disk yet: whoever commits now is answered behind it.
    var isBehind: Bool { state.withLock { $0.synced < $0.announced } }

    /// The log could not be synced by the writer itself.
    func fail() { state.withLock { $0.fault = unconfirmed } }

    /// After each commit whose sync is left, in their order.
    ///
    /// - Parameters:
    ///   - log: What is to be synced; nil where the commit failed or is on the disk.
    ///   - answer: Called with nil once everything is on the disk, or with what went wrong.
    func finish(_ log: SQLiteLog.Unsynced?, _ answer: @escaping @Sendable ((any Error)?) -> Void) {
        state.withLock { $0.written.append(Commit(log: log, answer: answer)) }
        queue.async { self.sync() }
    }

    /// Waits until everything that a reader may have seen by now is on the disk.
    func settled() async throws {
        guard state.withLock({ $0.synced < $0.announced || $0.fault != nil }) else { return }
        try await withCheckedThrowingContinuation { reader in
            let isDone = state.withLock { state in
                if state.fault == nil, state.synced < state.announced {
                    state.readers.append((state.announced, reader))
                    return false
                }
                return true
            }
            if isDone { reader.resume(with: state.withLock { $0.fault.map { .failure($0) } ?? .success(()) }) }
        }
    }

    /// Returns when nothing is on its way.
    func close() { queue.sync {} }

    private func sync() {
        let commits = state.withLock { state in
            defer { state.written.removeAll() }
            return state.written
        }
        guard !commits.isEmpty else { return }
        // One log: the last sync takes all that was written before it.
        let isSynced = commits.last { $0.log != nil }?.log?.sync() ?? true
        let (fault, readers) = state.withLock { state in
            if !isSynced { state.fault = unconfirmed }
            state.synced += commits.count
            let through = state.synced, hasFailed = state.fault != nil
            let readers = state.readers.filter { hasFailed || $0.through <= through }
            state.readers.removeAll { hasFailed || $0.through <= through }
            return (state.fault, readers)
        }
        for commit in commits { commit.answer(fault) }
        for waiting in readers { waiting.reader.resume(with: fault.map { .failure($0) } ?? .success(())) }
    }

    private var unconfirmed: DatabaseFault {
        DatabaseFault(
            code: "florin:durability",
            message: "\(path): the disk did not confirm what was written, and what was not answered may be lost: look after the disk, then "
                + "start florin again",
            statement: "COMMIT")
    }
}
