import Dispatch

/// A thread that inserts rows while the transaction goes on deciding.
///
/// From `insert` to the next `settle` or `abandon` the connection is this thread's alone. An insert that fails is told by `settle`, and
/// those behind it are dropped.
final class SQLiteInserter: @unchecked Sendable {
    private let queue = DispatchQueue(label: "florin.sqlite.inserter")
    /// Something was given to it since it was last waited for. Touched on the transaction's thread alone.
    private(set) var isBusy = false
    /// Touched on the queue, and between `queue.sync` and the next insert.
    private var fault: (any Error)?

    func insert(_ rows: @escaping @Sendable () throws -> Void) {
        isBusy = true
        queue.async {
            guard self.fault == nil else { return }
            do { try rows() } catch { self.fault = error }
        }
    }

    /// Waits until every insert is done.
    ///
    /// - Errors: that of the first insert which failed.
    func settle() throws {
        if let fault = waited() { throw fault }
    }

    /// Waits until no insert runs, whatever became of them.
    func abandon() { _ = waited() }

    private func waited() -> (any Error)? {
        guard isBusy else { return nil }
        queue.sync {}
        isBusy = false
        defer { fault = nil }
        return fault
    }
}
