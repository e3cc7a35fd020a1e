import Synchronization

/// A question to the database whose answer is waited for only so long. Whoever asks while it is open waits for the same one. One that is
/// late is followed by a few more, as it may stand behind slow work where another would not; the first answer is everybody's, and those
/// that a database keeps without an answer do not pile up.
final class PatientQuestion<Value: Sendable>: Sendable {
    typealias Answered = Result<Value, any Error>

    private struct State {
        var openCount = 0
        var openedAt = ContinuousClock.now
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Answered?, Never>] = [:]
    }
    private static var openLimit: Int { 4 }
    private let state = Mutex(State())

    /// - Returns: nil when nothing was answered in time.
    func ask(within patience: Duration, _ question: @escaping @Sendable () async throws -> Value) async -> Answered? {
        await withCheckedContinuation { waiter in
            let now = ContinuousClock.now
            let (id, opens) = state.withLock { state in
                let opens = state.openCount == 0 || state.openCount < Self.openLimit && now - state.openedAt >= patience
                if opens {
                    state.openCount += 1
                    state.openedAt = now
                }
                state.lastID += 1
                state.waiting[state.lastID] = waiter
                return (state.lastID, opens)
            }
            // What hangs cannot be cancelled: neither task is one that somebody waits for.
            if opens {
                Task {
                    do { self.answer(.success(try await question())) } catch { self.answer(.failure(error)) }
                }
            }
            Task {
                do { try await Task.sleep(for: patience) } catch { return }
                self.giveUp(id)
            }
        }
    }

    private func answer(_ answer: Answered) {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.openCount -= 1
            return state.waiting
        }
        for waiter in waiting.values { waiter.resume(returning: answer) }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { $0.waiting.removeValue(forKey: id) }
        waiter?.resume(returning: nil)
    }
}
