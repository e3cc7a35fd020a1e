/// Does long work and says after each pause that it lives.
///
/// - Errors: What the work throws; what `hold` throws stops the work.
package func holding<Value: Sendable>(
    _ pause: @escaping @Sendable () async throws -> Void, _ hold: @escaping @Sendable () async throws -> Void,
    during work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            while !Task.isCancelled {
                // A cancelled pause ends the loop: the work alone says how it ended.
                do { try await pause() } catch { return nil }
                try await hold()
            }
            return nil
        }
        defer { group.cancelAll() }
        while let ended = try await group.next() { if let value = ended { return value } }
        preconditionFailure("work ends with a value or an error")
    }
}
